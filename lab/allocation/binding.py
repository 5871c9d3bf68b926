"""What `${talker.ip}`, `${talker.lan.ipv6}` and `${server.port}` stand for.

Law: a reference that could mean two things means nothing, and is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lab.allocation.allocation import Place, by_node
from lab.model import Node, Topology


def bindings(topology: Topology, places: Iterable[Place]) -> Mapping[str, str]:
    """All references of a topology whose nodes have these places."""
    found: dict[str, str] = {}
    places = tuple(places)
    for place in places:
        found.update(_unambiguous(f"{place.node}.{place.network}", (place,)))
    own = by_node(places)
    for node in topology.nodes:
        found.update(_unambiguous(node.name, own.get(node.name, ())))
        found.update(_port(node))
    return found


def _unambiguous(name: str, places: tuple[Place, ...]) -> Iterator[tuple[str, str]]:
    ipv4 = [place.ipv4 for place in places if place.ipv4]
    ipv6 = [place.ipv6 for place in places if place.ipv6]
    for word, addresses in (("ipv4", ipv4), ("ipv6", ipv6), ("ip", ipv4 + ipv6)):
        if len(addresses) == 1:
            yield f"{name}.{word}", addresses[0]


def _port(node: Node) -> Iterator[tuple[str, str]]:
    ports = {endpoint.port for endpoint in node.listens}
    if len(ports) == 1:
        yield f"{node.name}.port", str(ports.pop())
