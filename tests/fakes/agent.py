"""A lab.ports.Agent that looks at the nodes of a FakeEngine.

Law: tells only what the fake nodes have; a change is told at once, from the thread that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lab.errors import EngineError
from lab.events import AddressEntry, Fact, ProcessEntry
from lab.ports import Route, Started
from tests.fakes.engine import FakeEngine, FakeNode


class FakeAgent:
    """See lab.ports.Agent. `calls` are (method, key), in order; `flushed` subnets by key."""

    def __init__(self, engine: FakeEngine, routes: Sequence[str] = ()) -> None:
        self._engine = engine
        self._routes = tuple(routes)
        self._adopted: dict[str, FakeNode] = {}
        self.calls: list[tuple[str, str]] = []
        self.flushed: dict[str, tuple[str, ...]] = {}
        self.routed: dict[str, tuple[tuple[Route, ...], bool]] = {}
        self.named: dict[str, str] = {}
        self.able: frozenset[str] = frozenset()
        self.closed = False

    def routes(self) -> tuple[str, ...]:
        """See lab.ports.Agent."""
        return self._routes

    def features(self, words: frozenset[str]) -> frozenset[str]:
        """See lab.ports.Agent. It can do `able`."""
        self.calls.append(("features", " ".join(sorted(words))))
        return words & self.able

    def adopt(self, key: str, started: Started) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("adopt", key))
        for node in self._engine.nodes.values():
            if node.id == started.container:
                self._adopted[key] = node
                return
        raise EngineError(f"{key}: the agent cannot find its process {started.pid}")

    def name(self, key: str, hostname: str) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("name", key))
        self._node(key)
        self.named[key] = hostname

    def route(self, key: str, routes: Sequence[Route], *, only: bool) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("route", key))
        self._node(key)
        self.routed[key] = (tuple(routes), only)

    def flush(self, key: str, subnets: Sequence[str]) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("flush", key))
        self._node(key)
        self.flushed[key] = (*self.flushed.get(key, ()), *subnets)

    def look(self, key: str, facts: frozenset[Fact]) -> Mapping[Fact, tuple[object, ...]]:
        """See lab.ports.Agent."""
        self.calls.append(("look", key))
        node = self._node(key)
        lookers: Mapping[Fact, Callable[[FakeNode], tuple[object, ...]]] = {
            Fact.SOCKETS: _sockets,
            Fact.PROCESSES: _processes,
            Fact.ADDRESSES: _addresses,
        }
        return {fact: lookers[fact](node) for fact in facts}

    def watch(self, key: str, facts: frozenset[Fact], tell: Callable[[], None]) -> None:
        """See lab.ports.Agent."""
        self._node(key).watchers[id(self)] = tell

    def unwatch(self, key: str) -> None:
        """See lab.ports.Agent."""
        self._node(key).watchers.pop(id(self), None)

    def idle(self, keys: Sequence[str]) -> bool:
        """See lab.ports.Agent."""
        holders = [holder for key in keys if (holder := self._node(key).holder) is not None]
        return all(
            holder.processes[number].asleep
            for holder in holders
            for number in tuple(holder.running)
        )

    def forget(self, key: str) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("forget", key))
        self._adopted.pop(key, None)

    def close(self) -> None:
        """See lab.ports.Agent."""
        self.closed = True

    def _node(self, key: str) -> FakeNode:
        if key not in self._adopted:
            raise EngineError(f"{key}: the agent does not know it")
        return self._adopted[key]


def _sockets(node: FakeNode) -> tuple[object, ...]:
    if node.holder is None:
        return ()
    processes = tuple(node.holder.processes.values())
    return tuple(entry for process in processes for entry in process.sockets)


def _processes(node: FakeNode) -> tuple[object, ...]:
    if node.holder is None:
        return ()
    running = sorted(node.holder.running)
    found = ((number, node.holder.processes[number]) for number in running)
    return tuple(ProcessEntry(100 + number, 1, "S", process.argv[0]) for number, process in found)


def _addresses(node: FakeNode) -> tuple[object, ...]:
    lo = (AddressEntry("lo", 4, "127.0.0.1", 8, "host"), AddressEntry("lo", 6, "::1", 128, "host"))
    links = enumerate(node.spec.links)
    return (
        *lo,
        *(
            AddressEntry(f"eth{at}", version, address, prefix, "global")
            for at, link in links
            for version, address, prefix in ((4, link.ipv4, 24), (6, link.ipv6, 64))
            if address
        ),
    )
