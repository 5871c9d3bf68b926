"""A lab.ports.Agent that looks at the nodes of a FakeEngine.

Law: tells only what the fake nodes have; a change is told at once, from the thread that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lab.errors import EngineError
from lab.events import AddressEntry, Capture, Fact, Packet, ProcessEntry
from lab.ports import Crossing, Fallen, Impaired, Networks, Route, Spare, Started, Traced
from tests.fakes.engine import FakeEngine, FakeNode


class FakeAgent:
    """See lab.ports.Agent. `calls` are (method, key), in order; `flushed` subnets by key.

    A trace is its `text`, in parts of a few bytes, so that whoever takes them has to ask again.

    `crossed` are frames by the name of the node that sent them, on the first of its networks;
    `gap` is why no capture is whole.
    """

    def __init__(self, engine: FakeEngine, routes: Sequence[str] = ()) -> None:
        self._engine = engine
        self._routes = tuple(routes)
        self._adopted: dict[str, FakeNode] = {}
        self.calls: list[tuple[str, str]] = []
        self.flushed: dict[str, tuple[str, ...]] = {}
        self.routed: dict[str, tuple[tuple[Route, ...], bool]] = {}
        self.named: dict[str, str] = {}
        self.impairments: dict[str, dict[str, Impaired]] = {}
        self.counts: dict[str, dict[str, dict[str, int]]] = {}
        self.falls = 1
        self.by: tuple[str, ...] = ("nfqueue",)
        self.unplugged: set[tuple[str, str]] = set()
        self.renumbered: dict[tuple[str, str], tuple[str, ...]] = {}
        self.left = Spare()
        self.able: frozenset[str] = frozenset()
        self.text = ""  # of every trace
        self.lost = ""  # why it is not whole
        self.closed = False
        self.captured: dict[str, tuple[Crossing, Networks]] = {}
        self.crossed: dict[str, list[bytes]] = {}
        self.gap = ""

    def routes(self) -> tuple[str, ...]:
        """See lab.ports.Agent."""
        return self._routes

    def isolate(self, bridge: str, subnets: Sequence[str]) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("isolate", bridge))
        name = next((n for n in self._engine.networks if self._engine.bridge(n) == bridge), None)
        if name is None or not {*self._engine.networks[name].subnets} <= {*subnets}:
            raise EngineError(f"the agent cannot find the bridge {bridge} of {', '.join(subnets)}")
        self._engine.joined.discard(name)

    def features(self, words: frozenset[str]) -> frozenset[str]:
        """See lab.ports.Agent. It can do `able`."""
        self.calls.append(("features", " ".join(sorted(words))))
        return words & self.able

    def spare(self) -> Spare:
        """See lab.ports.Agent. It is `left`."""
        self.calls.append(("spare", ""))
        return self.left

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

    def plug(self, key: str, address: str, *, on: bool) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("plug", key))
        self._node(key)
        (self.unplugged.discard if on else self.unplugged.add)((key, address))

    def renumber(self, key: str, address: str, new: Sequence[str]) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("renumber", key))
        self._node(key)
        self.renumbered[key, address] = tuple(new)

    def impair(self, key: str, impairments: Mapping[str, Impaired]) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("impair", key))
        self._node(key)
        self.impairments[key] = dict(impairments)
        ever = self.counts.setdefault(key, {})
        for name, each in impairments.items():
            fell = dict.fromkeys((word for word, _ in each.effects), self.falls)
            ever.setdefault(name, {"seen": self.falls, **fell})

    def impaired(self, key: str) -> Mapping[str, Fallen]:
        """See lab.ports.Agent. Each effect fell on `falls` packets."""
        self.calls.append(("impaired", key))
        self._node(key)
        return {n: Fallen(each, self.by) for n, each in self.counts.get(key, {}).items()}

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
            Fact.PACKETS: lambda _: (),
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

    def tracer(self) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("tracer", ""))

    def trace(self, key: str, pid: int) -> int:
        """See lab.ports.Agent."""
        self.calls.append(("trace", key))
        holder = self._node(key).holder
        assert holder is not None
        assert pid - 100 not in holder.running, "it has begun already"
        return 0

    def traced(self, key: str, trace: int, offset: int) -> Traced:
        """See lab.ports.Agent."""
        self.calls.append(("traced", key))
        self._node(key)
        part = self.text[offset : offset + 16]
        more = offset + len(part) < len(self.text)
        return Traced(part, len(part), more, 0.0, over=not more, lost=self.lost)

    def capture(self, key: str, what: Crossing, networks: Networks, *, budget: str) -> None:
        """See lab.ports.Agent."""
        self.calls.append(("capture", key))
        self._node(key)
        self.captured[key] = (what, networks)

    def packets(self, key: str, node: str) -> Capture:
        """See lab.ports.Agent."""
        self.calls.append(("packets", key))
        self._node(key)
        network = next(iter(self.captured[key][1]))
        frames = self.crossed.pop(node, [])
        told = [
            Packet(float(at), node, network, outgoing=True, data=frame, length=len(frame))
            for at, frame in enumerate(frames)
        ]
        return Capture(tuple(told), self.gap)

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
