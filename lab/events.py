"""What happened, as frozen records: the only thing a judgement ever reads.

Times are seconds on the engine host's monotonic clock, as the node's holder read them.
"""

import signal
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from lab.model import Endpoint


class Exit(Struct, frozen=True):
    """How a process ended: an exit status, or the signal that ended it (see wait(2))."""

    status: int | None = None
    signal: int | None = None

    def __str__(self) -> str:
        if self.signal is None:
            return f"exit {self.status}"
        try:
            return signal.Signals(self.signal).name
        except ValueError:
            return f"signal {self.signal}"


class State(Enum):
    """Where a node's program stands."""

    HELD = "held"  # the node is up and networked, its program not begun
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"  # the lab cannot tell: the node or the engine is gone


class Times:
    """When the bytes of a stream were read. A value: what is noted later does not change it.

    All are equal: when something was seen does not make it something else.
    """

    def __init__(self, ends: "array[int]", times: "array[float]", skip: int = 0) -> None:
        """`ends`: up to which byte had been read at each of `times`; both may only grow.

        `skip`: bytes before the one that counts as the first.
        """
        self._ends, self._times, self._count, self._skip = ends, times, len(ends), skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Times)

    def __hash__(self) -> int:
        return hash(Times)

    def at(self, index: int) -> float | None:
        """When byte `index` (from 0) was read; None where that is not known."""
        place = bisect_right(self._ends, index + self._skip, hi=self._count)
        return self._times[place] if place < self._count else None


NO_TIMES = Times(array("Q"), array("d"))


class ProcessRecord(Struct, frozen=True):
    """One program on a node, up to now. `reason` says why it is LOST, or never began.

    A stream that is truncated went on behind what is kept of it.

    One that was begun again goes on in the same record: its output follows what came before.
    """

    argv: tuple[str, ...] = ()
    state: State = State.HELD
    exit: Exit | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    stdout_closed: bool = False
    stderr_closed: bool = False
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    reason: str = ""
    stdout_times: Times = NO_TIMES
    stderr_times: Times = NO_TIMES


class SocketEntry(Struct, frozen=True):
    """A bound or connected socket. `state` as in ss(8): LISTEN, ESTAB, TIME-WAIT, UNCONN ..."""

    local: Endpoint
    remote: Endpoint | None
    state: str
    receive_queue: int = 0
    send_queue: int = 0


class ProcessEntry(Struct, frozen=True):
    """A process in the node, as its pid namespace sees it; `state` a letter as in proc(5)."""

    pid: int
    parent: int
    state: str
    command: str


class AddressEntry(Struct, frozen=True):
    """An address on an interface of the node; `scope` is global, link or host."""

    interface: str
    version: int
    address: str
    prefix: int
    scope: str


class Fact(Enum):
    """What the agent can look up inside a node."""

    SOCKETS = "sockets"
    PROCESSES = "processes"
    ADDRESSES = "addresses"


class NodeObservation(Struct, frozen=True):
    """Everything seen of one node. A fact that is None was not, or could not be, looked up.

    `peers` are the programs of other nodes, for an expectation that names them.
    """

    node: str
    program: ProcessRecord = ProcessRecord()
    sockets: tuple[SocketEntry, ...] | None = None
    processes: tuple[ProcessEntry, ...] | None = None
    addresses: tuple[AddressEntry, ...] | None = None
    started: bool = False
    peers: Mapping[str, ProcessRecord] = field(default_factory=dict)


class Observation(Struct, frozen=True):
    """Everything seen in a run; `bindings` is what `${...}` references stood for."""

    nodes: Mapping[str, NodeObservation]
    bindings: Mapping[str, str] = field(default_factory=dict)
