"""Routes of a network namespace's own table, added and taken away (rtnetlink(7)).

Law: speaks through a route socket made in that namespace, and touches its main table only.
"""

import errno
import socket
import struct

from .netlink import CREATE, Netlink, attribute
from .refusal import UNKNOWN, Refusal

_NEW_ROUTE, _DELETE_ROUTE = 24, 25
_ROUTE = struct.Struct("=BBBBBBBBI")  # family, dst_len, src_len, tos, table, protocol, scope, type
_RTA_DST, _RTA_GATEWAY = 1, 5
_MAIN, _STATIC, _UNIVERSE, _NOWHERE, _UNICAST = 254, 4, 0, 255, 1
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
# What the kernel says where there is none (any more): IPv4, IPv6, and no IPv6 at all.
_NONE = frozenset({errno.ESRCH, errno.ENOENT, errno.EAFNOSUPPORT, errno.EOPNOTSUPP})
_MOST = 64  # default routes a node is believed to have


def add(netlink: Netlink, destination: str, gateway: str) -> None:
    """A route to a subnet (CIDR) by a gateway."""
    address, _, prefix = destination.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        to, by = socket.inet_pton(family, address), socket.inet_pton(family, gateway)
        length = int(prefix)
    except (OSError, ValueError):
        raise Refusal(UNKNOWN, f"no route: {destination!r} by {gateway!r}") from None
    header = _ROUTE.pack(family, length, 0, 0, _MAIN, _STATIC, _UNIVERSE, _UNICAST, 0)
    netlink.ask(_NEW_ROUTE, header + attribute(_RTA_DST, to) + attribute(_RTA_GATEWAY, by), CREATE)


def close_in(netlink: Netlink) -> None:
    """Take away every default route of both families."""
    for family in _FAMILIES:
        header = _ROUTE.pack(family, 0, 0, 0, _MAIN, 0, _NOWHERE, 0, 0)
        for _ in range(_MOST):
            try:
                netlink.ask(_DELETE_ROUTE, header)
            except OSError as error:
                if error.errno not in _NONE:
                    raise
                break
