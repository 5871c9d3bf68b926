"""What a run was given, as a frozen record.

Law: everything a node is told about the others (its /etc/hosts, `${...}`) comes from here, so it
is the same in the node, in the scenario's text and in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from lab.ports import LinkSpec, Route


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


class Allocation(Struct, frozen=True):
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
        own = {place.network for place in self._of(node)}
        routed = {route.destination for route in self.routes.get(node, ())}
        found = (
            (place.node, address)
            for place in self.places
            for address in place.addresses
            if place.network in own or self._subnet_of(place.network, address) in routed
        )
        order = {name: index for index, name in enumerate(self._nodes())}
        return tuple(sorted(found, key=lambda pair: (order[pair[0]], ":" not in pair[1])))

    def _subnet_of(self, network: str, address: str) -> str:
        same = [subnet for subnet in self.subnets[network] if (":" in subnet) == (":" in address)]
        return same[0] if same else ""

    def _of(self, node: str) -> Iterator[Place]:
        return (place for place in self.places if place.node == node)

    def _nodes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(place.node for place in self.places))
