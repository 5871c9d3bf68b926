"""Where a network namespace's own routes lead, as CIDR text (rtnetlink(7)).

Law: every routing table counts, since a new network must collide with none; default routes,
which lead everywhere, and what every host has (loopback, link-local, multicast) are left out.
"""

import socket
import struct

from .netlink import Netlink, attributes
from .subnets import Subnet

_GET_ROUTE = 26
_ROUTE = struct.Struct("=BBBBBBBBI")  # family, dst_len, src_len, tos, table, protocol, scope, type
_RTA_DST = 1
_CLONED = 0x200  # RTM_F_CLONED: a cache entry
_KINDS = frozenset({1, 2, 6, 7, 8})  # unicast, local, blackhole, unreachable, prohibit
_FAMILIES = (int(socket.AF_INET), int(socket.AF_INET6))
_EVERYWHERE = tuple(map(Subnet, ("127.0.0.0/8", "::1/128", "fe80::/10", "ff00::/8")))


def destinations(netlink: Netlink) -> list[str]:
    """The destinations, each once, in the kernel's order."""
    found = [destination(body) for body in netlink.dump(_GET_ROUTE, _ROUTE.pack(*[0] * 9))]
    return list(dict.fromkeys(text for text in found if text))


def destination(body: bytes) -> str:
    """The destination of one route, "" where it does not count."""
    family, length, _, _, _, _, _, kind, flags = _ROUTE.unpack_from(body)
    raw = attributes(body, _ROUTE.size).get(_RTA_DST)
    if family not in _FAMILIES or kind not in _KINDS or flags & _CLONED or not length or not raw:
        return ""
    if any(subnet.holds(raw) for subnet in _EVERYWHERE):
        return ""
    return f"{socket.inet_ntop(family, raw)}/{length}"
