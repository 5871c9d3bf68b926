"""What happened, as frozen records: the only thing a judgement ever reads.

Times are seconds on the engine host's monotonic clock, as the node's holder read them.
"""

import signal
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from enum import Enum
from operator import attrgetter

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


OUTPUT_LIMIT = 16 * 1024 * 1024  # bytes of each stream that a program may write, and are kept


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


class Call(Struct, frozen=True):
    """One system call of a traced program or of a process it made, as strace(1) shows it.

    `time` is when it was made, `seconds` how long it took. `pid` tells processes and threads
    apart, as the engine's host numbers them. `result` None: it failed, or never returned; `error`
    is the name of the error where it failed, else empty. `socket` tells the socket it was made on
    from all others, also under another number or in another process; 0: it was made on none.
    """

    time: float
    pid: int
    name: str
    arguments: tuple[str, ...] = ()
    result: int | None = None
    error: str = ""
    seconds: float = 0.0
    socket: int = 0


class Life(Struct, frozen=True):
    """A program from when it began to its end; `ended` None: it was not seen to end."""

    began: float
    ended: float | None = None
    exit: Exit | None = None


class ProcessRecord(Struct, frozen=True):
    """One program on a node, up to now. `reason` says why it is LOST, or never began.

    `reached` are the limits of its node that were met, in words: `memory limit of 256 MiB`. One
    that could not begin because of them has ENDED without an exit.

    A stream that is truncated went on behind what is kept of it.

    `calls` are its calls about sockets, waiting and processes in the order in which they were
    made, up to now, or all there will be (`calls_over`); None: nobody traced it. `calls_lost`
    says why they may not be all.

    One that was begun again goes on in the same record: its output follows what came before, and
    `lives` has one for each time it began.
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
    reached: tuple[str, ...] = ()
    stdout_times: Times = NO_TIMES
    stderr_times: Times = NO_TIMES
    calls: tuple[Call, ...] | None = None
    calls_lost: str = ""
    lives: tuple[Life, ...] = ()
    calls_over: bool = False


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
    CALLS = "calls"  # of its programs, where they are traced
    PACKETS = "packets"


class Packet(Struct, frozen=True):
    """A frame that crossed a link of a node, from its Ethernet header on.

    `outgoing`: the node sent it. One packet from node to node is seen twice: where it leaves and
    where it arrives. `length` is what the frame had; `data` may be less of it. A network that is
    not known, of an interface the lab did not make, is the interface's own name; `gone`, where
    that went away before anybody could ask.
    """

    time: float
    node: str
    network: str
    outgoing: bool
    data: bytes
    length: int


class Capture(Struct, frozen=True):
    """Every packet of some links, in the order of time, as far as it was captured.

    `gap` says in a sentence why it is not whole; what is missing may then have been anything.
    `epoch` is what to add to a time to have seconds since 1970.
    """

    packets: tuple[Packet, ...] = ()
    gap: str = ""
    epoch: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.gap


def merged(captures: Mapping[str, Capture]) -> Capture:
    """The captures of several nodes as one; each gap with the node's name."""
    packets = (packet for capture in captures.values() for packet in capture.packets)
    gaps = (f"{node}: {capture.gap}" for node, capture in captures.items() if capture.gap)
    epochs = (capture.epoch for capture in captures.values())
    ordered = tuple(sorted(packets, key=attrgetter("time")))
    return Capture(ordered, "; ".join(gaps), max(epochs, default=0.0))


class NodeObservation(Struct, frozen=True):
    """Everything seen of one node. A fact that is None was not, or could not be, looked up.

    `peers` are the programs of other nodes, for an expectation that names them. `capture` has
    the packets of this node's own links.
    """

    node: str
    program: ProcessRecord = ProcessRecord()
    sockets: tuple[SocketEntry, ...] | None = None
    processes: tuple[ProcessEntry, ...] | None = None
    addresses: tuple[AddressEntry, ...] | None = None
    started: bool = False
    peers: Mapping[str, ProcessRecord] = field(default_factory=dict)
    capture: Capture | None = None

    @property
    def calls(self) -> tuple[Call, ...] | None:
        """Those of its program; None: it was not traced."""
        return self.program.calls


class Observation(Struct, frozen=True):
    """Everything seen in a run; `bindings` is what `${...}` references stood for."""

    nodes: Mapping[str, NodeObservation]
    bindings: Mapping[str, str] = field(default_factory=dict)
