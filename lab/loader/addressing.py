"""Networks, their subnets, and addresses asked for: that they fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.loader.fields import FAMILY, INTERNAL, MTU, NETWORK_MAP, SUBNETS
from lab.loader.links import Word
from lab.model import Attachment, Family, Network, Node, Topology
from lab.source import Problems, Span
from lab.source.excerpt import quote
from lab.source.shapes import Read

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

SMALLEST_IPV6_MTU = 1280  # bytes: RFC 8200, section 5


def networks_of(found: Read, problems: Problems) -> tuple[Network, ...]:
    """All networks, in the order written."""
    networks = []
    others: list[tuple[Span, str]] = []
    for key, name, written in found.get(NETWORK_MAP, ()):
        family = written.get(FAMILY, Family.DUAL)
        subnets = written.get(SUBNETS, ())
        mtu = written.find(MTU)
        _check_subnets(name, family, subnets, others, problems)
        if mtu is not None and mtu < SMALLEST_IPV6_MTU and 6 in family.versions:
            what = f"IPv6 needs an MTU of at least {SMALLEST_IPV6_MTU}"
            problems.add(written.located(MTU).span, what, "raise it, or make the network ipv4")
        networks.append(
            Network(
                name=name,
                family=family,
                span=key.span,
                internal=written.get(INTERNAL, True),
                mtu=mtu,
                subnets=tuple(word.text for word in subnets),
            )
        )
    return tuple(networks)


def _version(text: str) -> int:
    return 6 if ":" in text else 4


def _check_subnets(
    name: str,
    family: Family,
    subnets: tuple[Word, ...],
    others: list[tuple[Span, str]],
    problems: Problems,
) -> None:
    seen: set[int] = set()
    for subnet in subnets:
        version = _version(subnet.text)
        if version not in family.versions:
            what = f"{quote(name)} is {family.value}, and this is a subnet of IPv{version}"
            problems.add(subnet.span, what, "change the family or the subnet")
        if version in seen:
            what = f"{quote(name)} has a subnet of IPv{version} already"
            problems.add(subnet.span, what, "keep one of each family")
        seen.add(version)
        for span, other in others:
            if _version(other) == version and _network(other).overlaps(_network(subnet.text)):
                what = f"{subnet.text} overlaps {other} of line {span.line}"
                problems.add(subnet.span, what, "give each network addresses of its own")
    others.extend((subnet.span, subnet.text) for subnet in subnets)


def _network(text: str) -> IPv4Network | IPv6Network:
    from ipaddress import ip_network  # noqa: PLC0415 - slow to import, and seldom needed

    return ip_network(text)


def check_addresses(topology: Topology, problems: Problems) -> None:
    """Each fixed address is of its network, and is only one node's."""
    known = {network.name: network for network in topology.networks}
    owner: dict[tuple[str, str], str] = {}
    for node in topology.nodes:
        for link in node.attachments:
            for address in link.addresses:
                _check_address(known[link.network], link, address, problems)
                first = owner.setdefault((link.network, address), node.name)
                if first != node.name:
                    _shared(node, link, address, first, problems)
            versions = [_version(address) for address in link.addresses]
            if len(set(versions)) < len(versions):
                what = (
                    f"{quote(node.name)} has two addresses of one family on {quote(link.network)}"
                )
                problems.add(link.span, what, "give it at most one of each")


def _shared(node: Node, link: Attachment, address: str, first: str, problems: Problems) -> None:
    if node.group != node.name:
        what = f"the nodes of a group cannot all have the address {address}"
        problems.add(link.span, what, "leave the address out, or write the nodes one by one")
    else:
        what = f"{address} is the address of {quote(first)} already"
        problems.add(link.span, what, "give each node an address of its own")


def _check_address(network: Network, link: Attachment, address: str, problems: Problems) -> None:
    version = _version(address)
    if version not in network.family.versions:
        family = f"{quote(network.name)} is {network.family.value}"
        what = f"{address} is an address of IPv{version}, and {family}"
        problems.add(link.span, what, "change the address or the network's family")
        return
    for subnet in network.subnets:
        if _version(subnet) == version:
            for reason in _misfits(address, subnet):
                problems.add(link.span, f"{address} {reason}", f"take another address of {subnet}")


def _misfits(address: str, subnet: str) -> Iterator[str]:
    from ipaddress import ip_address  # noqa: PLC0415 - as above

    network, own = _network(subnet), ip_address(address)
    if own not in network:
        yield f"is not in the network's subnet {subnet}"
    elif own == network.network_address:
        yield "is the address of the subnet itself"
    elif own == network.network_address + 1:
        yield "is the first of the subnet, which the engine takes for itself"
    elif own.version == 4 and own == network.broadcast_address:
        yield "is the subnet's broadcast address"
