"""Which packets no impairment touches.

Law: what keeps a link alive goes by: neighbour and router discovery and who listens to which
group (ICMPv6 130 to 137 and 143, IGMP); ARP meets no rule at all. And what carries the mark: it
was impaired already.
"""

import struct

from .nftables import (
    AT_LEAST,
    AT_MOST,
    EQUAL,
    IPV4,
    L4PROTO,
    MARK,
    TRANSPORT,
    accept,
    compare,
    meta,
    payload,
)

IMPAIRED = 0x1AB1AB  # the mark

_IGMP, _ICMPV6 = 2, 58
_QUIET = ((130, 137), (143, 143))  # types of ICMPv6


def passing(family: int) -> "list[bytes]":
    """The rules, to stand before all others."""
    marked = meta(MARK) + compare(EQUAL, struct.pack("=I", IMPAIRED)) + accept()
    if family == IPV4:
        return [marked, meta(L4PROTO) + compare(EQUAL, bytes([_IGMP])) + accept()]
    icmp = meta(L4PROTO) + compare(EQUAL, bytes([_ICMPV6]))
    kind = payload(TRANSPORT, 0, 1)
    return [
        marked,
        *(
            icmp + kind + compare(AT_LEAST, bytes([low])) + compare(AT_MOST, bytes([high]))
            + accept()
            for low, high in _QUIET
        ),
    ]  # fmt: skip
