"""The only privileged part of the lab, as the rest sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from lab.events import Fact
from lab.ports.engine import Route, Started


class Agent(Protocol):
    """The only privileged part: looks and works inside nodes' network namespaces."""

    def routes(self) -> tuple[str, ...]:
        """Destinations, as CIDR, of the engine host's own routes."""
        ...

    def features(self, words: frozenset[str]) -> frozenset[str]:
        """Those of these (netem, nfqueue) that the kernel of the engine's host can do."""
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

    def forget(self, key: str) -> None:
        """Drop a node."""
        ...

    def close(self) -> None:
        """End the agent."""
        ...
