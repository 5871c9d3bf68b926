"""Where subnets come from: one IPv4 and one IPv6 pool, and the free parts of them.

Law: any aligned, free subnet of the pool can come out and no other; if there is one, it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from random import Random
from typing import Final

from msgspec import Struct

from lab.errors import EngineError, UsageError

Subnet = IPv4Network | IPv6Network

# RFC 2544, section C.2.2: for tests of networks, so no site uses it. Engine's default pools
# (172.17.0.0/16 to 192.168.0.0/16) and the usual home and company networks lie elsewhere.
_IPV4: Final = "198.18.0.0/15"
# RFC 4193: a local /48 with a random identifier.
_IPV6: Final = "fd1a:b50c:6e7f::/48"

# Room for 64 networks of 64 addresses.
_AMPLE_IPV4: Final = 20
_AMPLE_IPV6: Final = 58

VARIABLE = "LAB_SUBNETS"
_EXAMPLE = f"write one IPv4 and one IPv6 network, like {VARIABLE}={_IPV4},{_IPV6}"


class Pools(Struct, frozen=True):
    """One pool for each IP version, as CIDR."""

    ipv4: str = _IPV4
    ipv6: str = _IPV6

    def of(self, version: int) -> Subnet:
        """The pool of an IP version, 4 or 6."""
        return ip_network(self.ipv4 if version == 4 else self.ipv6)

    @property
    def ample(self) -> bool:
        """Whether networks may be larger than need be, and stand for longer."""
        return self.of(4).prefixlen <= _AMPLE_IPV4 and self.of(6).prefixlen <= _AMPLE_IPV6


def chosen_pools(environment: Mapping[str, str]) -> Pools:
    """The pools LAB_SUBNETS names; the default for a version it leaves out. Raises UsageError."""
    named: dict[int, str] = {}
    for word in environment.get(VARIABLE, "").replace(",", " ").split():
        version = _version(word)
        if version in named:
            raise UsageError(f"{VARIABLE}: two IPv{version} pools, {named[version]} and {word}")
        named[version] = word
    return Pools(named.get(4, _IPV4), named.get(6, _IPV6))


def _version(word: str) -> int:
    try:
        return ip_network(word).version
    except ValueError as error:
        raise UsageError(f"{VARIABLE}: {error}", help=_EXAMPLE) from error


def draw(pool: Subnet, prefix: int, blocked: Iterable[Subnet], random: Random) -> Subnet:
    """A subnet of the pool that overlaps nothing blocked, any of them equally likely.

    `blocked` may hold networks of both versions. Raises EngineError where none is left.
    """
    size = 1 << (pool.max_prefixlen - prefix)
    free = tuple(_free(pool, size, blocked))
    count = sum(len(part) for part in free)
    if not count:
        raise EngineError(
            f"no free /{prefix} is left in {pool}",
            help="remove networks nobody uses (docker network prune), or choose another pool:\n"
            + _EXAMPLE,
        )
    index = random.randrange(count)
    for part in free:
        if index < len(part):
            return type(pool)((part[index] * size, prefix))
        index -= len(part)
    raise AssertionError("an index below the sum of all parts lies in one of them")


def _free(pool: Subnet, size: int, blocked: Iterable[Subnet]) -> Iterable[range]:
    """The free blocks of the pool, as ranges of block numbers in ascending order."""
    at, end = _blocks(pool, size)
    for taken in sorted(b for b in _ranges(pool, size, blocked)):
        if taken[0] > at:
            yield range(at, min(taken[0], end))
        at = max(at, taken[1])
        if at >= end:
            return
    yield range(at, end)


def _blocks(pool: Subnet, size: int) -> tuple[int, int]:
    first = int(pool.network_address)
    return -(-first // size), (first + pool.num_addresses) // size


def _ranges(pool: Subnet, size: int, blocked: Iterable[Subnet]) -> Iterable[tuple[int, int]]:
    for network in blocked:
        if network.version == pool.version:
            yield (
                int(network.network_address) // size,
                int(network.broadcast_address) // size + 1,
            )
