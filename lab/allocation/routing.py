"""The ways of a topology's nodes to networks they are not on, over its routers.

Law: pure; every way is a shortest one, and among those the one over the router written first.
A node reaches what some chain of routers reaches, and nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from lab.allocation.allocation import Place, by_node
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
    """Two nodes that are no routers, on the same networks, have the same ways."""

    def __init__(self, topology: Topology, places: Iterable[Place]) -> None:
        routers = {node.name for node in topology.nodes if node.forwards}
        self._own = by_node(places)
        self._routers = {name: own for name, own in self._own.items() if name in routers}
        self._known: dict[tuple[int, str, tuple[str, ...]], tuple[tuple[str, str], ...]] = {}

    def of(self, node: str, version: int) -> tuple[tuple[str, str], ...]:
        """(network, address of the first router), nearest networks first."""
        own = tuple(place.network for place in _on(self._own.get(node, ()), version))
        key = version, node if node in self._routers else "", own
        if key not in self._known:
            self._known[key] = tuple(self._found(node, version, own))
        return self._known[key]

    def _found(self, node: str, version: int, own: Iterable[str]) -> Iterator[tuple[str, str]]:
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

    def _routers_on(self, network: str, version: int, but: str) -> Iterator[Place]:
        for name, own in self._routers.items():
            if name != but:
                yield from (place for place in _on(own, version) if place.network == network)

    def _beyond(self, router: Place, version: int, seen: set[str]) -> list[str]:
        theirs = [place.network for place in _on(self._routers[router.node], version)]
        return [network for network in theirs if network not in seen]


def _on(places: Iterable[Place], version: int) -> Iterator[Place]:
    return (place for place in places if _address(place, version))


def _address(place: Place, version: int) -> str:
    return (place.ipv6 if version == 6 else place.ipv4) or ""
