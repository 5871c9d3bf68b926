"""Giving a topology its subnets and addresses.

Law: subnets asked for are honoured or refused, never replaced; no two subnets overlap, none
overlaps what is taken; the first address of each is left to the gateway. On a network that is
kept from another run no address is given that was given before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from random import Random
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from lab.allocation.allocation import Allocation, Kept, Place
from lab.allocation.binding import bindings
from lab.allocation.pools import Pools, Subnet, draw
from lab.allocation.routing import routes
from lab.errors import EngineError, UsageError
from lab.model import Attachment, Network, Topology
from lab.source import Span

_Address = IPv4Address | IPv6Address

_NONE_KEPT: Final[Mapping[str, Kept]] = MappingProxyType({})
_IPV6_PREFIX = 64
_IPV4_LONGEST = 29  # 6 nodes and gateway; smaller ones are not worth an exhausted pool's trouble
_IPV4_ROOMY = 26  # for several runs, one after another
_RESERVED = 3  # network, gateway and broadcast address


def allocate(
    topology: Topology,
    pools: Pools,
    *,
    shadows: frozenset[str] = frozenset(),
    taken: Iterable[str] = (),
    seed: str = "",
    kept: Mapping[str, Kept] = _NONE_KEPT,
    roomy: frozenset[str] = frozenset(),
) -> Allocation:
    """Subnets and addresses for every network and link.

    `shadows` are the IPv6-only networks that get an IPv4 subnet all the same; `taken` what must
    not be used, as CIDR (the host's routes, subnets the engine refused), default routes ignored.
    `kept` are networks that are there already, `roomy` those that should have room for more runs.
    Raises EngineError where a pool is used up or a subnet asked for is taken, UsageError where an
    address asked for cannot be given.
    """
    blocked = [network for network in map(_network, taken) if network.prefixlen]
    random = Random(seed)
    links = _links(topology)
    subnets: dict[str, dict[int, Subnet]] = {}
    for network in topology.networks:
        stands = kept.get(network.name)
        subnets[network.name] = (
            _standing(stands) if stands else _asked(network, links[network.name], blocked)
        )
        blocked += subnets[network.name].values()
    for network in topology.networks:
        versions = {*network.family.versions, *({4} if network.name in shadows else ())}
        for version in sorted(versions - subnets[network.name].keys(), reverse=True):
            room = _rooms(version, len(links[network.name]), roomy=network.name in roomy)
            drawn = _drawn(pools.of(version), room, blocked, random)
            subnets[network.name][version] = drawn
            blocked.append(drawn)
    used = {name: network.used for name, network in kept.items()}
    places = _places(topology, links, subnets, used)
    named = {name: tuple(map(str, _ordered(given))) for name, given in subnets.items()}
    ways = routes(topology, places, named)
    return Allocation(named, places, bindings(topology, places), ways)


class _Link(Struct, frozen=True):
    node: str
    attachment: Attachment


def _links(topology: Topology) -> Mapping[str, list[_Link]]:
    links: dict[str, list[_Link]] = {network.name: [] for network in topology.networks}
    for node in topology.nodes:
        for attachment in node.attachments:
            links[attachment.network].append(_Link(node.name, attachment))
    return links


def _network(text: str) -> Subnet:
    return ip_network(text, strict=False)


def _ordered(subnets: Mapping[int, Subnet]) -> Iterable[Subnet]:
    return (subnets[version] for version in sorted(subnets, reverse=True))


# -- subnets ---------------------------------------------------------------------------------


def _asked(network: Network, links: list[_Link], blocked: list[Subnet]) -> dict[int, Subnet]:
    """The subnets the scenario names, by itself or through an address; none overlaps `blocked`."""
    found: dict[int, Subnet] = {subnet.version: subnet for subnet in map(_network, network.subnets)}
    for link in links:
        for address in _fixed(link.attachment):
            if address.version not in found and address.version in network.family.versions:
                found[address.version] = _around(address)
    for subnet in found.values():
        if any(_overlap(subnet, other) for other in blocked):
            raise EngineError(
                f"{network.span}: {subnet} of network {network.name} is in use, on this machine "
                "or by another network of the scenario",
                help="ask for another subnet, or for none and the lab picks a free one",
            )
    return found


def _overlap(one: Subnet, other: Subnet) -> bool:
    return (
        one.version == other.version
        and int(one.network_address) <= int(other.broadcast_address)
        and int(other.network_address) <= int(one.broadcast_address)
    )


def _around(address: _Address) -> Subnet:
    return ip_interface((address, 24 if address.version == 4 else _IPV6_PREFIX)).network


def _standing(network: Kept) -> dict[int, Subnet]:
    return {subnet.version: subnet for subnet in map(_network, network.subnets)}


def _rooms(version: int, links: int, *, roomy: bool) -> tuple[int, ...]:
    """Prefixes that will do, best first."""
    if version == 6:
        return (_IPV6_PREFIX,)
    enough = min(_IPV4_LONGEST, 32 - (links + _RESERVED - 1).bit_length())
    return (_IPV4_ROOMY, enough) if roomy and enough > _IPV4_ROOMY else (enough,)


def _drawn(pool: Subnet, prefixes: Iterable[int], blocked: list[Subnet], random: Random) -> Subnet:
    *better, last = prefixes
    for prefix in better:
        with suppress(EngineError):
            return draw(pool, prefix, blocked, random)
    return draw(pool, last, blocked, random)


# -- addresses -------------------------------------------------------------------------------


def _fixed(attachment: Attachment) -> tuple[_Address, ...]:
    return tuple(map(ip_address, attachment.addresses))


def _places(
    topology: Topology,
    links: Mapping[str, list[_Link]],
    subnets: Mapping[str, Mapping[int, Subnet]],
    used: Mapping[str, int],
) -> tuple[Place, ...]:
    given: dict[tuple[str, str], dict[int, str]] = {}
    for network in topology.networks:
        for version in network.family.versions:
            subnet = subnets[network.name][version]
            first = 2 + used.get(network.name, 0)
            for link, address in _addressed(network, links[network.name], subnet, first):
                given.setdefault((link.node, network.name), {})[version] = str(address)
    return tuple(
        Place(node.name, link.network, place.get(4), place.get(6))
        for node in topology.nodes
        for link in node.attachments
        for place in (given.get((node.name, link.network), {}),)
    )


def _addressed(
    network: Network, links: list[_Link], subnet: Subnet, first: int
) -> Iterable[tuple[_Link, _Address]]:
    """Every link with its address in the subnet: as asked for, else the next that is free."""
    fixed = {
        link.node: _checked(address, subnet, link.attachment.span)
        for link in links
        for address in _fixed(link.attachment)
        if address.version == subnet.version
    }
    if len(set(fixed.values())) < len(fixed):
        raise UsageError(f"{network.span}: two nodes of network {network.name} ask for one address")
    last = int(subnet.broadcast_address) - (subnet.version == 4)
    taken = set(map(int, fixed.values()))
    free = (at for at in range(int(subnet.network_address) + first, last + 1) if at not in taken)
    for link in links:
        address = fixed.get(link.node)
        if address is None:
            address = _next(free, subnet, network.span)
        yield link, address


def _next(free: Iterable[int], subnet: Subnet, span: Span) -> _Address:
    for at in free:
        return subnet.network_address + (at - int(subnet.network_address))
    raise UsageError(f"{span}: {subnet} has too few addresses for the nodes on it")


def _checked(address: _Address, subnet: Subnet, span: Span) -> _Address:
    if address not in subnet:
        raise UsageError(f"{span}: {address} is not in {subnet}, the subnet of its network")
    first = int(subnet.network_address)
    ends = {int(subnet.broadcast_address)} if subnet.version == 4 else set()
    if int(address) in {first, first + 1, *ends}:
        raise UsageError(
            f"{span}: {address} is not for a node: the first address of {subnet} is the gateway's",
            help=f"the first a node can have is {subnet.network_address + 2}",
        )
    return address
