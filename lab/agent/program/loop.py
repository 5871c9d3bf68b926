"""The conversation: requests in, answers and news out, one line of JSON each.

    {"id": 7, "do": "look", "key": "talker", "facts": ["sockets"]}
    {"id": 7, "ok": {"sockets": [...]}}   or   {"id": 7, "error": "...", "kind": "gone"}
    {"tell": "talker"}                         a watched fact of that node has changed

Law: one thread, one request at a time, answers in order. It ends when its input ends, which its
starter's death brings about too, and for no other reason.
"""

import json
import os
import select
import signal
import sys
from collections.abc import Iterator

from .captures import Captures
from .commands import Commands, Request
from .refusal import UNKNOWN, Refusal
from .watches import Watches

INPUT, OUTPUT = 0, 1


def main() -> int:
    """Serve until the input ends; the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its starter's, which ends this input
    _allow_files()
    watches = Watches(lambda key: _send({"tell": key}))
    captures = Captures()
    commands = Commands(watches, captures)
    lines = Lines()
    while True:
        traces = commands.traces
        pauses = [pause for pause in (watches.pause(), captures.pause()) if pause is not None]
        sources = [INPUT, *traces, *captures.sources()]
        ready = select.select(sources, [], [], min(pauses, default=None))[0]
        for descriptor in ready:
            if descriptor in traces:
                traces[descriptor].hear()
        if INPUT in ready:
            data = os.read(INPUT, 65536)
            if not data:
                return 0
            for line in lines.feed(data):
                _send(answer(commands, line))
        captures.drain()
        watches.look()


class Lines:
    """Lines from bytes as they arrive."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        yield from lines


def answer(commands: Commands, line: bytes) -> dict[str, object]:
    """The answer to one line."""
    number: object = None
    try:
        request = _request(line)
        number = request.get("id")
        return {"id": number, "ok": commands.perform(request)}
    except Refusal as refusal:
        return {"id": number, "error": refusal.what, "kind": refusal.kind}


def _request(line: bytes) -> Request:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise Refusal(UNKNOWN, f"a request is no JSON: {error}") from error
    if not isinstance(request, dict):
        raise Refusal(UNKNOWN, "a request must be an object")
    return request


def _send(message: dict[str, object]) -> None:
    data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    try:
        while data:
            data = data[os.write(OUTPUT, data) :]
    except BrokenPipeError:
        sys.exit(0)  # nobody listens any more


def _allow_files() -> None:
    """As many open files as this process may have: a node takes three."""
    try:
        import resource  # noqa: PLC0415 - not in every minimal Python
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
