"""The bytes between the lab and a node's holder, as commands out and events in.

Law: pure and incremental; any split of the bytes gives the same events. What breaks the protocol
is a FrameError, never a guess. ARCHITECTURE.md, "The holder", is the contract; times are seconds.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

VERSION = 1
PAYLOAD_LIMIT = 65536
NODE_PROGRAM = 0  # the process number of the node's own program
STDOUT, STDERR = 1, 2  # streams the engine multiplexes

_FRAME = struct.Struct(">BBHIQ")
_ENGINE = struct.Struct(">BxxxL")


class FrameError(Exception):
    """Bytes that are no frame, or a command that no frame can carry."""


# -- commands --------------------------------------------------------------------------------


def begin(process: int, argv: Sequence[str | bytes], *, waits: bool = False) -> bytes:
    """Begin a program under a process number (0 to 255); again after it ended: restart it.

    `waits`: only as far as to have its process, until go_on(); then Waiting says which that is.

    Raises FrameError for an empty command, a NUL in an argument, or more than 64 KiB of them.
    """
    arguments = [_argument(argument) for argument in argv]
    if not arguments:
        raise FrameError("a command needs at least the program's name")
    kind = "T" if waits else "S"
    return _frame(kind, process, b"".join(argument + b"\0" for argument in arguments))


def go_on(process: int) -> bytes:
    """Let a program that waits begin."""
    return _frame("C", process)


def send(process: int, data: bytes) -> bytes:
    """Bytes for a program's standard input; none is no frame."""
    parts = range(0, len(data), PAYLOAD_LIMIT)
    return b"".join(_frame("I", process, data[at : at + PAYLOAD_LIMIT]) for at in parts)


def close_input(process: int) -> bytes:
    """End of a program's standard input, once all that was sent is written."""
    return _frame("E", process)


def signal(process: int, number: int) -> bytes:
    """A signal, by its number, for a program's process."""
    return _frame("K", process, bytes([number]))


def signal_group(process: int, number: int) -> bytes:
    """A signal for a program's process group: itself and its children, but those that left it."""
    return _frame("G", process, bytes([number]))


def kill_all() -> bytes:
    """SIGKILL for everything on the node but the holder."""
    return _frame("A", 0)


def ping(token: int) -> bytes:
    """Ask for a Pong with this token (64 bits), after all output there is by then."""
    return _frame("N", 0, token.to_bytes(8, "big"))


def _argument(argument: str | bytes) -> bytes:
    data = argument.encode(errors="surrogateescape") if isinstance(argument, str) else argument
    if b"\0" in data:
        raise FrameError(f"an argument cannot hold a NUL byte: {data!r}")
    return data


def _frame(kind: str, process: int, payload: bytes = b"") -> bytes:
    if not 0 <= process <= 255:
        raise FrameError(f"there is no process number {process}: they are 0 to 255")
    if len(payload) > PAYLOAD_LIMIT:
        raise FrameError(f"{len(payload)} bytes are more than a frame carries ({PAYLOAD_LIMIT})")
    return _FRAME.pack(ord(kind), process, 0, len(payload), 0) + payload


# -- events ----------------------------------------------------------------------------------


class _Event(Struct, frozen=True):
    """`time` is the node's CLOCK_MONOTONIC, in seconds; `process` the number it is about."""

    time: float
    process: int


class Held(_Event, frozen=True):
    """The holder is up and waits."""

    version: int


class Began(_Event, frozen=True):
    """The program has begun: its exec succeeded. `pid` as the node sees it."""

    pid: int


class Waiting(_Event, frozen=True):
    """There is a process, `pid` as the node sees it, that becomes the program once told to."""

    pid: int


class NotBegun(_Event, frozen=True):
    """The program could not be executed, see errno(3); nothing more follows."""

    errno: int


class Stdout(_Event, frozen=True):
    """Output, as it was read."""

    data: bytes


class Stderr(_Event, frozen=True):
    """Diagnostics, as they were read."""

    data: bytes


class StdoutClosed(_Event, frozen=True):
    """Everyone who had the program's stdout has closed it."""


class StderrClosed(_Event, frozen=True):
    """Everyone who had the program's stderr has closed it."""


class Ended(_Event, frozen=True):
    """It ended with a status or by a signal; all it wrote before has been told."""

    status: int | None
    signal: int | None


class Limits(_Event, frozen=True):
    """How often so far the node's limits were reached; told whenever that has changed."""

    killed: int  # processes ended for want of memory
    refused: int  # processes that could not begin, for there were too many


class Pong(_Event, frozen=True):
    """The answer to a ping."""

    token: int


Event = (
    Held
    | Waiting
    | Began
    | NotBegun
    | Stdout
    | Stderr
    | StdoutClosed
    | StderrClosed
    | Limits
    | Ended
    | Pong
)


def _ended(time: float, process: int, payload: bytes) -> Ended:
    how, number = payload
    return Ended(time, process, None, number) if how else Ended(time, process, number, None)


def _number(payload: bytes) -> int:
    return int.from_bytes(payload, "big")


# kind -> (payload size where it is fixed, what it means)
_EVENTS: Mapping[str, tuple[int | None, Callable[[float, int, bytes], Event]]] = {
    "H": (1, lambda time, process, data: Held(time, process, _number(data))),
    "W": (4, lambda time, process, data: Waiting(time, process, _number(data))),
    "P": (4, lambda time, process, data: Began(time, process, _number(data))),
    "F": (4, lambda time, process, data: NotBegun(time, process, _number(data))),
    "O": (None, Stdout),
    "R": (None, Stderr),
    "o": (0, lambda time, process, _data: StdoutClosed(time, process)),
    "r": (0, lambda time, process, _data: StderrClosed(time, process)),
    "L": (8, lambda time, process, data: Limits(time, process, *struct.unpack(">II", data))),
    "X": (2, _ended),
    "n": (8, lambda time, process, data: Pong(time, process, _number(data))),
}


def _event(kind: int, process: int, nanoseconds: int, payload: bytes) -> Event:
    size, make = _EVENTS[chr(kind)]
    if size is not None and len(payload) != size:
        raise FrameError(f"a {chr(kind)} frame has {size} bytes, this one {len(payload)}")
    return make(nanoseconds / 1e9, process, payload)


class Decoder:
    """What a holder says, from its bytes as they arrive."""

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def whole(self) -> bool:
        """Whether no frame is left unfinished: the stream may end here."""
        return not self._pending

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events these bytes complete, in order. Raises FrameError where one is malformed.

        The iterator must be exhausted before more is fed.
        """
        self._pending += data
        while len(self._pending) >= _FRAME.size:
            kind, process, _, length, nanoseconds = _FRAME.unpack_from(self._pending)
            if chr(kind) not in _EVENTS or length > PAYLOAD_LIMIT:
                raise FrameError(f"no frame begins with {bytes(self._pending[:16])!r}")
            end = _FRAME.size + length
            if len(self._pending) < end:
                return
            payload = bytes(self._pending[_FRAME.size : end])
            del self._pending[:end]
            yield _event(kind, process, nanoseconds, payload)


class EngineDecoder:
    """The engine's attach stream (Engine API, "Stream format"): which stream, which bytes."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._stream = 0
        self._left = 0

    @property
    def whole(self) -> bool:
        """Whether no frame is left unfinished: the stream may end here."""
        return not self._header and not self._left

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(stream, bytes) pairs as they arrive; a frame is not waited for to be whole.

        The iterator must be exhausted before more is fed. Raises FrameError.
        """
        at = 0
        while at < len(data):
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                at += len(part)
                yield self._stream, part
            else:
                part = data[at : at + _ENGINE.size - len(self._header)]
                self._header += part
                at += len(part)
                self._begin_frame()

    def _begin_frame(self) -> None:
        if len(self._header) < _ENGINE.size:
            return
        self._stream, self._left = _ENGINE.unpack(self._header)
        if self._stream not in (STDOUT, STDERR) or any(self._header[1:4]):
            raise FrameError(f"no frame of the engine begins with {bytes(self._header)!r}")
        self._header.clear()
