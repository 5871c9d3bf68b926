"""Networks that one case of a suite leaves for the next, which then need not be made.

Law: a network has one case at a time, and no address of it is given twice: what the engine's host
remembers of a case that is over is about nobody who comes later. Left is only what a case that
passed had, and only for cases still to come. Any thread may call.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network

from msgspec import Struct

from lab.allocation import Allocation, Kept
from lab.model import Family, Topology

MOST_LINKS = 16  # of a network that is left: its addresses are to last for several cases
_RESERVED = 3  # network, gateway and broadcast address


class Shape(Struct, frozen=True):
    """What networks have in common of which one can take another's place."""

    family: Family
    mtu: int | None


class Networks:
    """The networks of one suite that stand and have no case."""

    def __init__(self, cases: Iterable[Topology] = (), rounds: float = 1) -> None:
        """`cases` are those to come, each so many times; without any, nothing is left."""
        self._coming: dict[Shape, float] = {}
        self._idle: dict[Shape, list[Kept]] = {}
        self._promised: dict[Shape, int] = {}  # cases are about to leave them
        self._lock = threading.Lock()
        for topology in cases:
            for shape in shapes(topology).values():
                self._coming[shape] = self._coming.get(shape, 0) + rounds

    def lend(self, topology: Topology) -> Mapping[str, Kept]:
        """Networks for a case that begins, by what it calls them, as far as there are such."""
        found: dict[str, Kept] = {}
        links = _links(topology)
        with self._lock:
            for name, shape in shapes(topology).items():
                self._coming[shape] = self._coming.get(shape, 0) - 1
                idle = self._idle.get(shape, [])
                fitting = [each for each in idle if _room(each) >= links[name]]
                if fitting:
                    found[name] = fitting[0]
                    idle.remove(fitting[0])
        return found

    def useful(self, topology: Topology) -> frozenset[str]:
        """Which networks of a case others may have after it."""
        found = shapes(topology).items()
        return frozenset(name for name, shape in found if self._coming.get(shape, 0) > 0)

    def expect(
        self,
        topology: Topology,
        allocation: Allocation,
        kept: Mapping[str, Kept],
        engines: Callable[[str], tuple[str, str]],
    ) -> Mapping[str, Kept]:
        """Which a case that passed is to leave, as they will be then; each is returned once.

        `engines` gives the engine's names of a network and of its bridge.
        """
        found: dict[str, Kept] = {}
        links = _links(topology)
        with self._lock:
            for name, shape in shapes(topology).items():
                used = links[name] + (kept[name].used if name in kept else 0)
                left = Kept(*engines(name), allocation.subnets[name], used)
                waiting = len(self._idle.get(shape, ())) + self._promised.get(shape, 0)
                if _room(left) >= links[name] and waiting < self._coming.get(shape, 0):
                    self._promised[shape] = self._promised.get(shape, 0) + 1
                    found[name] = left
        return found

    def give_back(
        self, topology: Topology, expected: Mapping[str, Kept], left: Iterable[str]
    ) -> None:
        """Nothing is on those that were `left`; the others that were expected are gone."""
        found = shapes(topology)
        with self._lock:
            for name in expected:
                self._promised[found[name]] -= 1
            for name in left:
                self._idle.setdefault(found[name], []).append(expected[name])

    def take_all(self) -> tuple[str, ...]:
        """The engine's names of those that stand, which are the caller's now to be removed."""
        with self._lock:
            names = tuple(each.name for idle in self._idle.values() for each in idle)
            self._idle.clear()
        return names


def shapes(topology: Topology) -> Mapping[str, Shape]:
    """The networks of a topology that could be other ones just as well."""
    links = _links(topology)
    special = {
        link.network
        for node in topology.nodes
        for link in node.attachments
        if link.addresses or node.forwards
    }
    return {
        network.name: Shape(network.family, network.mtu)
        for network in topology.networks
        if network.internal and not network.subnets and network.name not in special
        if links[network.name] <= MOST_LINKS
    }


def _links(topology: Topology) -> Mapping[str, int]:
    return Counter(link.network for node in topology.nodes for link in node.attachments)


def _room(network: Kept) -> int:
    """How many addresses it still has for nodes."""
    sizes = [ip_network(subnet).num_addresses for subnet in network.subnets]
    return min(sizes) - _RESERVED - network.used
