"""The only privileged part of the lab, as the rest sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from msgspec import Struct

from lab.events import Capture, Fact
from lab.model import Effects
from lab.ports.engine import Route, Started

Networks = Mapping[str, Sequence[str]]


class Crossing(Enum):
    """Which packets to capture."""

    LINKS = "links"  # all
    STRAYS = "strays"  # those that an IPv6-only node has no use for, and what name servers say


class Traced(Struct, frozen=True):
    """A part of a trace: text as strace(1) writes it, and how it stands behind this part.

    `size`: bytes of it in the trace; `more`: there is a next part already. Times in it are
    `ahead` seconds of the monotonic clock. `over`: nothing more will come; `lost`: why the trace
    may not be whole, else empty.
    """

    text: str
    size: int
    more: bool
    ahead: float
    over: bool
    lost: str


class Impaired(Struct, frozen=True):
    """An impairment of one node's packets: those that leave by the interfaces of `addresses`.

    `to` None: wherever they go. What is left to chance follows from `seed`.
    """

    seed: str
    addresses: tuple[str, ...]
    effects: Effects
    to: tuple[str, ...] | None = None
    transport: str = ""
    port: int | None = None


class Fallen(Struct, frozen=True):
    """What came of an impairment: of each effect, on how many packets it fell.

    `by` says which ways it went: netem, nfqueue, or first the one and then the other.
    """

    counts: Mapping[str, int]
    by: tuple[str, ...] = ()


class Spare(Struct, frozen=True):
    """What is left on the engine's machine for nodes; None: that cannot be seen.

    `engine_files` and `agent_files` are what those may open yet, `tasks` how many more threads
    there can be.
    """

    engine_files: int | None = None
    agent_files: int | None = None
    tasks: int | None = None


class Agent(Protocol):
    """The only privileged part: looks and works inside nodes' network namespaces."""

    def routes(self) -> tuple[str, ...]:
        """Destinations, as CIDR, of the engine host's own routes."""
        ...

    def isolate(self, bridge: str, subnets: Sequence[str]) -> None:
        """Take the engine host's addresses from a network's bridge, for as long as that is there.

        Raises EngineError where it is no bridge, or has an address outside these subnets (CIDR).
        """
        ...

    def features(self, words: frozenset[str]) -> frozenset[str]:
        """Those of these (netem, nfqueue) that the kernel of the engine's host can do."""
        ...

    def spare(self) -> Spare:
        """How much is left of what every node takes."""
        ...

    def adopt(self, key: str, started: Started) -> None:
        """Learn which processes a node is; `key` names it in all later calls."""
        ...

    def name(self, key: str, hostname: str) -> None:
        """Give a node its host name, which the engine must not know (see NodeSpec.hostname)."""
        ...

    def flush(self, key: str, subnets: Sequence[str]) -> None:
        """Remove every address within these subnets (CIDR) from every interface but lo."""
        ...

    def route(self, key: str, routes: Sequence[Route], *, only: bool) -> None:
        """Add routes; `only`: take the default routes away before."""
        ...

    def plug(self, key: str, address: str, *, on: bool) -> None:
        """Plug or pull the cable of the interface that had an address when the node came up.

        Pulled at the far end: the node keeps interface, addresses and routes, without a carrier.
        """
        ...

    def renumber(self, key: str, address: str, new: Sequence[str]) -> None:
        """Give that interface these addresses (CIDR) in place of its others of their families."""
        ...

    def impair(self, key: str, impairments: Mapping[str, Impaired]) -> None:
        """Have these impairments of what the node sends, by their names, and no others."""
        ...

    def impaired(self, key: str) -> Mapping[str, Fallen]:
        """For each impairment there ever was, on how many packets each effect fell.

        `seen` is how many it could have fallen on. Raises EngineError where not all was as asked.
        """
        ...

    def look(self, key: str, facts: frozenset[Fact]) -> Mapping[Fact, tuple[object, ...]]:
        """The facts as they are now (SocketEntry, ProcessEntry, AddressEntry)."""
        ...

    def watch(self, key: str, facts: frozenset[Fact], tell: Callable[[], None]) -> None:
        """Call `tell` (from any thread) whenever one of the facts changes."""
        ...

    def unwatch(self, key: str) -> None:
        """Stop watching."""
        ...

    def idle(self, keys: Sequence[str]) -> bool:
        """Whether every process of these nodes sleeps and no socket of theirs has data queued."""
        ...

    def tracer(self) -> None:
        """Make sure that programs can be traced. Raises EngineError."""
        ...

    def trace(self, key: str, pid: int) -> int:
        """Trace a child of the holder's, `pid` as the node numbers it, with all that it makes.

        The number of the trace, which traced() takes. Its very next call is in it.
        """
        ...

    def traced(self, key: str, trace: int, offset: int) -> Traced:
        """What follows the first `offset` bytes of a trace."""
        ...

    def capture(self, key: str, what: Crossing, networks: Networks, *, budget: str) -> None:
        """Take down what crosses a node's links from now on, until it is forgotten.

        `networks` are the subnets (CIDR) of each network it is on: that is how its links are told
        apart. Captures of one `budget` keep so much together, and are not whole beyond that.
        """
        ...

    def packets(self, key: str, node: str) -> Capture:
        """What was captured and not told yet, as packets of that node, in the order of time."""
        ...

    def forget(self, key: str) -> None:
        """Drop a node."""
        ...

    def close(self) -> None:
        """End the agent."""
        ...
