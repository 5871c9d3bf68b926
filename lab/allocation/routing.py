"""The ways of a topology's nodes to networks they are not on, over its routers.

Law: pure; every way is a shortest one, and among those the one over the router written first.
A node reaches what some chain of routers reaches, and nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from lab.allocation.allocation import Place
from lab.model import Topology
from lab.ports import Route


def routes(
    topology: Topology, places: Iterable[Place], subnets: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[Route, ...]]:
    """What has to be added to each node's own routes; nodes without a router need nothing."""
    ways = _Ways(topology, places)
    found: dict[str, tuple[Route, ...]] = {}
    for node in topology.nodes:
        found[node.name] = tuple(
            Route(subnet, gateway)
            for version in (6, 4)
            for network, gateway in ways.of(node.name, version)
            for subnet in subnets[network]
            if ip_network(subnet).version == version
        )
    return found


class _Ways:
    def __init__(self, topology: Topology, places: Iterable[Place]) -> None:
        self._routers = {node.name for node in topology.nodes if node.forwards}
        self._places = tuple(places)

    def of(self, node: str, version: int) -> Iterator[tuple[str, str]]:
        """(network, address of the first router), nearest networks first."""
        own = [place.network for place in self._on(version) if place.node == node]
        seen = set(own)
        waiting: deque[tuple[str, str | None]] = deque((network, None) for network in own)
        while waiting:
            network, first = waiting.popleft()
            for router in self._routers_on(network, version, node):
                gateway = first or _address(router, version)
                for beyond in self._beyond(router, version, seen):
                    seen.add(beyond)
                    waiting.append((beyond, gateway))
                    yield beyond, gateway

    def _on(self, version: int) -> Iterator[Place]:
        return (place for place in self._places if _address(place, version))

    def _routers_on(self, network: str, version: int, but: str) -> Iterator[Place]:
        for place in self._on(version):
            if place.network == network and place.node in self._routers - {but}:
                yield place

    def _beyond(self, router: Place, version: int, seen: set[str]) -> list[str]:
        theirs = [place.network for place in self._on(version) if place.node == router.node]
        return [network for network in theirs if network not in seen]


def _address(place: Place, version: int) -> str:
    return (place.ipv6 if version == 6 else place.ipv4) or ""
