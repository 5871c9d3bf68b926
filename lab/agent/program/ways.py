"""Routes of a network namespace's own table, added and taken away (rtnetlink(7)).

Law: speaks through a route socket made in that namespace, and touches its main table only.
"""

import errno
import socket
import struct

from .netlink import CREATE, Netlink, attribute, attributes
from .refusal import UNKNOWN, Refusal

_NEW_ROUTE, _DELETE_ROUTE, _GET_ROUTE = 24, 25, 26
_ROUTE = struct.Struct("=BBBBBBBBI")  # family, dst_len, src_len, tos, table, protocol, scope, type
_RTA_DST, _RTA_OIF, _RTA_GATEWAY = 1, 4, 5
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


def by(netlink: Netlink, index: int) -> list[bytes]:
    """The routes over a gateway that leave by an interface; for again()."""
    found = []
    for body in netlink.dump(_GET_ROUTE, _ROUTE.pack(*[0] * 9)):
        family, length, *_ = _ROUTE.unpack_from(body)
        values = attributes(body, _ROUTE.size)
        if values.get(_RTA_OIF) == struct.pack("=I", index) and _RTA_GATEWAY in values:
            header = _ROUTE.pack(family, length, 0, 0, _MAIN, _STATIC, _UNIVERSE, _UNICAST, 0)
            kept = (_RTA_DST, _RTA_OIF, _RTA_GATEWAY)
            found.append(header + b"".join(attribute(k, values[k]) for k in kept if k in values))
    return found


def again(netlink: Netlink, routes: list[bytes]) -> None:
    """Add those of the routes that are gone."""
    for route in routes:
        try:
            netlink.ask(_NEW_ROUTE, route, CREATE)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
