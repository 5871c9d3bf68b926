"""What a run was given, as a frozen record.

Law: everything a node is told about the others (its /etc/hosts, `${...}`) comes from here, so it
is the same in the node, in the scenario's text and in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property

from msgspec import Struct, field

from lab.ports import LinkSpec, Route


class Kept(Struct, frozen=True):
    """A network that stands from a case before: its name on the engine, bridge and subnets.

    `used` is how many addresses of each subnet were given so far: none of them is given again.
    """

    name: str
    bridge: str
    subnets: tuple[str, ...]
    used: int


class Place(Struct, frozen=True):
    """A node's addresses on one of its networks."""

    node: str
    network: str
    ipv4: str | None = None
    ipv6: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those there are, IPv6 first."""
        return tuple(address for address in (self.ipv6, self.ipv4) if address)


def by_node(places: Iterable[Place]) -> Mapping[str, tuple[Place, ...]]:
    """Each node's places, in the order of nodes."""
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place.node, []).append(place)
    return {node: tuple(own) for node, own in found.items()}


class Allocation(Struct, frozen=True, dict=True):
    """Subnets per network (as CIDR), places in the order of nodes and their attachments.

    A shadow, the IPv4 subnet that an engine insists on for an IPv6-only network, is the last of
    that network's subnets, and nobody has an address there.

    `bindings` are what `${...}` stands for: `node.network.ipv4`, `node.network.ipv6`,
    `node.network.ip` where there is only one of them; `node.ipv4`, `node.ipv6`, `node.ip` where
    the node has one such address in all; `node.port` where its program listens on one port.
    `routes` are each node's ways over routers.
    """

    subnets: Mapping[str, tuple[str, ...]]
    places: tuple[Place, ...]
    bindings: Mapping[str, str]
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)

    def links(self, node: str, name_of: Callable[[str], str]) -> tuple[LinkSpec, ...]:
        """A node's links; `name_of` gives the engine's name of a network."""
        return tuple(
            LinkSpec(name_of(place.network), place.ipv4, place.ipv6) for place in self._of(node)
        )

    def hosts(self, node: str) -> tuple[tuple[str, str], ...]:
        """(name, address) of every node it can reach, and of itself.

        Only addresses on networks it is on or has a route to, IPv6 before IPv4, in the order of
        nodes.
        """
        own = frozenset(place.network for place in self._of(node))
        routed = frozenset(route.destination for route in self.routes.get(node, ()))
        if (own, routed) not in self._hosts:
            self._hosts[own, routed] = tuple(self._reachable(own, routed))
        return self._hosts[own, routed]

    @cached_property
    def _hosts(self) -> dict[tuple[frozenset[str], frozenset[str]], tuple[tuple[str, str], ...]]:
        """What was found for nodes alike in what they reach: thousands of lines, told often."""
        return {}

    def _reachable(self, own: Set[str], routed: Set[str]) -> Iterator[tuple[str, str]]:
        for node, places in self._by_node.items():
            found = [
                address
                for place in places
                for address in place.addresses
                if place.network in own or self._subnet_of(place.network, address) in routed
            ]
            yield from ((node, address) for address in sorted(found, key=_ipv6_first))

    def _subnet_of(self, network: str, address: str) -> str:
        same = [subnet for subnet in self.subnets[network] if (":" in subnet) == (":" in address)]
        return same[0] if same else ""

    def _of(self, node: str) -> tuple[Place, ...]:
        return self._by_node.get(node, ())

    @cached_property
    def _by_node(self) -> Mapping[str, tuple[Place, ...]]:
        return by_node(self.places)


def _ipv6_first(address: str) -> bool:
    return ":" not in address
