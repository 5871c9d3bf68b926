"""`lab` as a process of its own, as a user starts it, and what of it is left afterwards.

Law: what belongs to a process is known by its own mark: its label on the engine, and a variable
all its descendants inherit. So tests may run beside anybody else's labs.
"""

from __future__ import annotations

import json
import os
import pty
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lab.owner import marks
from lab.ports import Engine, Leftover

ROOT = Path(__file__).parents[2]
PATIENCE = 270.0  # seconds a lab may take to end; the tests' own bound, not a claim
_ROOM = 4096  # bytes it can write unread, as few as Linux allows: a lab that waits is found out
_MARK = "LAB_SELFTEST"


@dataclass(frozen=True)
class Ended:
    """How it ended and all that it wrote."""

    status: int
    out: str
    err: str

    @property
    def cases(self) -> list[dict[str, Any]]:
        """The objects that `--json` printed, one for each case."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def not_passed(self) -> list[dict[str, Any]]:
        """Those of them that tell of anything but a PASS."""
        return [case for case in self.cases if case["verdict"] != "PASS"]


class LabProcess:
    """`lab ARGUMENTS` in the project's folder; leaving the context ends it, whatever happened."""

    _terminal: int | None = None  # in place of pipes and files

    def __init__(
        self,
        *arguments: str,
        before: Sequence[str] = (),
        folder: Path | str = ROOT,
        **environment: str,
    ) -> None:
        """`before` is what the command line begins with: another program that runs it."""
        self._mark = secrets.token_hex(8)
        self._said: list[str] = []
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by __exit__
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "lab.cli.main", *arguments],
            cwd=folder,
            env={**os.environ, **environment, _MARK: self._mark},
            stdin=self._terminal or subprocess.DEVNULL,
            stdout=self._terminal or subprocess.PIPE,
            stderr=self._terminal or self._complaints,
            text=True,
            start_new_session=True,
            pipesize=_ROOM,
        )
        self._marks = marks(self._process.pid)

    @property
    def pid(self) -> int:
        """Of its main process."""
        return self._process.pid

    @property
    def marks(self) -> Mapping[str, str]:
        """The labels of everything it makes."""
        return self._marks

    def line(self) -> str:
        """Its next line of output, as soon as it is written; empty once there is none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._said.append(line)
        return line

    def signal(self, number: signal.Signals) -> None:
        """A signal, unless it has ended; SIGINT as from a terminal, for its whole group."""
        if self._process.poll() is None:
            send = os.killpg if number is signal.SIGINT else os.kill
            send(self._process.pid, number)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in that time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @contextmanager
    def at_end(self, then: Callable[[], None]) -> Iterator[None]:
        """Inside this context: have another thread call `then` once the process has ended."""
        ended = os.pidfd_open(self._process.pid)
        left, leave = os.pipe()

        def watch() -> None:
            if ended in select.select([ended, left], [], [])[0]:
                then()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            os.close(leave)
            watcher.join()
            os.close(left)
            os.close(ended)

    def close_output(self) -> None:
        """Read no more of it."""
        assert self._process.stdout is not None
        self._process.stdout.close()

    def status(self) -> int:
        """Wait for its end, whatever it writes."""
        return self._process.wait(PATIENCE)

    def end(self) -> Ended:
        """Wait for its end."""
        rest, _ = self._process.communicate(timeout=PATIENCE)
        self._complaints.seek(0)
        return Ended(self._process.returncode, "".join(self._said) + rest, self._complaints.read())

    def kill(self, patience: float = PATIENCE) -> None:
        """SIGKILL; returns once it and everything that it has begun has ended, in so many seconds.

        Held before, so that its children are known: one that is just becoming another program
        has no environment to be known by.
        """
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        children = _children(self._process.pid)
        self.signal(signal.SIGKILL)
        self._process.wait()
        limit = time.monotonic() + patience
        for child in children:
            _await_end(child, limit)
        while folders := self._folders():
            for folder in folders:
                _await_end(int(folder.name), limit)

    def kill_begun(self, word: str) -> None:
        """SIGKILL for what it has begun with that word in its command line."""
        for folder in self._folders():
            if word in _command(folder):
                os.kill(int(folder.name), signal.SIGKILL)
                _await_end(int(folder.name), time.monotonic() + PATIENCE)

    def left(self, engine: Engine) -> tuple[Leftover, ...]:
        """What of it is on the engine."""
        return engine.find(self.marks)

    def processes(self) -> list[str]:
        """Its own process and all descendants that live, as command lines."""
        return [_command(folder) for folder in self._folders()]

    def _folders(self) -> list[Path]:
        mark = f"{_MARK}={self._mark}".encode()
        return [folder for folder in _processes() if mark in _environment(folder)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._complaints.close()


class LabOnTerminal(LabProcess):
    """The same on a terminal, whose other side is `ours`."""

    def __init__(self, *arguments: str, before: Sequence[str] = ()) -> None:
        self.ours, self._terminal = pty.openpty()
        super().__init__(*arguments, before=before, TERM="xterm")
        os.close(self._terminal)


def run_lab(
    *arguments: str, before: Sequence[str] = (), folder: Path | str = ROOT, **environment: str
) -> Ended:
    """Run it to its end."""
    with LabProcess(*arguments, before=before, folder=folder, **environment) as lab:
        return lab.end()


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def _await_end(pid: int, limit: float) -> None:
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        left = max(limit - time.monotonic(), 0)
        assert select.select([ended], [], [], left)[0], f"{_command(Path(f'/proc/{pid}'))} goes on"
    finally:
        os.close(ended)


def _processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is not ours
        return []


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
