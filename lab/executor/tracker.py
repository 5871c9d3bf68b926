"""What is known of one program on one node, built from the holder's events.

Law: it only takes down; it judges nothing and waits for nothing.
"""

from __future__ import annotations

import errno as errors
import os
from array import array
from collections.abc import Sequence

from msgspec.structs import replace

from lab.events import OUTPUT_LIMIT, Exit, Life, ProcessRecord, State, Times
from lab.frames import (
    Began,
    Ended,
    Event,
    NotBegun,
    Stderr,
    StderrClosed,
    Stdout,
    StdoutClosed,
)

_NO_ROOM = frozenset({errors.EAGAIN, errors.ENOMEM})  # for one more process: the node is full
_LINE_LIMIT = 400  # bytes of a last line that are worth showing


class _Stream:
    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = False
        self.truncated = False
        self._frozen: bytes | None = b""
        self._before = 0  # bytes of earlier lives
        self._ends = array("Q")
        self._times = array("d")

    def add(self, data: bytes, time: float) -> None:
        room = OUTPUT_LIMIT - len(self.data)
        self.truncated = self.truncated or len(data) > room
        if room > 0:
            self.data += data[:room]
            self._ends.append(len(self.data))
            self._times.append(time)
            self._frozen = None

    def begin(self) -> None:
        self._before = len(self.data)

    def latest(self) -> bytes:
        return bytes(self.data[self._before :])

    def times(self, *, latest: bool = False) -> Times:
        return Times(self._ends, self._times, self._before if latest else 0)

    def frozen(self) -> bytes:
        if self._frozen is None:
            self._frozen = bytes(self.data)
        return self._frozen


class Tracker:
    """The mutable side of a ProcessRecord."""

    def __init__(self, argv: Sequence[str] = ()) -> None:
        self.argv = tuple(argv)
        self.state = State.HELD
        self.waiting: int | None = None  # the process, as the node numbers it, that is to begin
        self._exit: Exit | None = None
        self._reason = ""
        self._stdout = _Stream()
        self._stderr = _Stream()
        self._lives: tuple[Life, ...] = ()

    def again(self, argv: Sequence[str]) -> None:
        """It is about to begin once more; what it writes goes on in the same record."""
        self.argv = tuple(argv)
        self.state, self.waiting, self._exit = State.HELD, None, None
        self._stdout.begin()
        self._stderr.begin()

    def take(self, event: Event) -> None:
        """Note one event of the holder's."""
        match event:
            case Began(time=time):
                self.state = State.RUNNING
                self._lives = (*self._lives, Life(time))
                self._stdout.closed = self._stderr.closed = False
            case NotBegun(errno=errno):
                self._not_begun(errno)
            case Stdout(data=data, time=time):
                self._stdout.add(data, time)
            case Stderr(data=data, time=time):
                self._stderr.add(data, time)
            case StdoutClosed():
                self._stdout.closed = True
            case StderrClosed():
                self._stderr.closed = True
            case Ended(status=status, signal=signal, time=time):
                self._end(Exit(status, signal), time)
            case _:
                pass

    def _end(self, how: Exit, time: float) -> None:
        self.state, self._exit = State.ENDED, how
        *before, last = self._lives or (Life(time),)
        self._lives = (*before, replace(last, ended=time, exit=how))

    def _not_begun(self, errno: int) -> None:
        program = self.argv[0] if self.argv else "its program"
        reason = f"cannot run {program}: {os.strerror(errno)}"
        if errno in _NO_ROOM:  # the node's own programs have taken all it has
            self.state, self._reason = State.ENDED, reason
            self._stdout.closed = self._stderr.closed = True
        else:
            self.lose(reason)

    def lose(self, reason: str) -> None:
        """The lab can no longer tell; an end already seen stays seen."""
        if self.state is not State.ENDED:
            self.state, self._reason = State.LOST, reason

    def over(self) -> bool:
        """Whether nothing more can come of it."""
        closed = self._stdout.closed and self._stderr.closed
        return self.state is State.LOST or (self.state is State.ENDED and closed)

    @property
    def last_line(self) -> bytes:
        """The last line of its standard output so far, or of a long one the end."""
        return bytes(self._stdout.data[-_LINE_LIMIT:]).rstrip(b"\n").rpartition(b"\n")[2]

    def record(self) -> ProcessRecord:
        """What is known so far, as a value."""
        return ProcessRecord(
            argv=self.argv,
            state=self.state,
            exit=self._exit,
            stdout=self._stdout.frozen(),
            stderr=self._stderr.frozen(),
            stdout_closed=self._stdout.closed,
            stderr_closed=self._stderr.closed,
            stdout_truncated=self._stdout.truncated,
            stderr_truncated=self._stderr.truncated,
            reason=self._reason,
            stdout_times=self._stdout.times(),
            stderr_times=self._stderr.times(),
            lives=self._lives,
        )

    def latest(self) -> ProcessRecord:
        """As record(), of what it wrote since it last began."""
        return replace(
            self.record(),
            stdout=self._stdout.latest(),
            stderr=self._stderr.latest(),
            stdout_times=self._stdout.times(latest=True),
            stderr_times=self._stderr.times(latest=True),
        )
