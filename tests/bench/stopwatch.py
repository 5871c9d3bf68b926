"""`lab` with a stopwatch: from its first word to an engine until its verdict is printed.

Law: changes nothing of what `lab` does; it only notes when a socket is first connected to and
when the first line is written. The time, in seconds, goes to standard error as one JSON line.

usage: python -m tests.bench.stopwatch run NAME --json
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Any

from lab.cli.main import main

times: dict[str, float] = {}


class NotedSocket(socket.socket):
    """Notes when one of its kind first connects."""

    def connect(self, address: Any) -> None:
        times.setdefault("call", time.monotonic())
        super().connect(address)


class NotedOutput:
    """Notes when it is first written to."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        times.setdefault("line", time.monotonic())
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def measure() -> int:
    """Run the command; its exit status."""
    socket.socket = NotedSocket  # type: ignore[misc]
    sys.stdout = NotedOutput(sys.stdout)
    status = main(sys.argv[1:])
    if {"call", "line"} <= times.keys():
        sys.stderr.write(json.dumps({"verdict": times["line"] - times["call"]}) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(measure())
