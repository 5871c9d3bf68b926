"""Rules that hand a node's outgoing packets to a queue (nf_tables, by netlink).

Law: speaks through a socket of the node's network namespace, in tables of its own name. What no
impairment touches (spared) is never queued. Source: linux/netfilter/xt_NFQUEUE.h.
"""

import errno
import struct

from .netlink import Netlink, attribute
from .nftables import (
    BEGIN,
    END,
    EQUAL,
    FAMILIES,
    OIF,
    Message,
    compare,
    expression,
    meta,
    no_table,
    number,
    rule,
    table,
)
from .spared import passing

QUEUE = 14951

_NAME = b"socketlab\0"
_LACKS = frozenset({errno.ENOENT, errno.EOPNOTSUPP})


def lay(netlink: Netlink, interfaces: "list[int]") -> None:
    """Have packets that leave by these interfaces queued. Raises OSError, then nothing is laid.

    By nf_tables' own `queue`, else by xtables' NFQUEUE, which some kernels have instead.
    """
    try:
        netlink.batch(BEGIN, END, _all(interfaces, _by_queue()))
    except OSError as error:
        if error.errno not in _LACKS:
            raise
        netlink.batch(BEGIN, END, _all(interfaces, _by_target()))


def lift(netlink: Netlink) -> None:
    """Take the rules away: packets go on unimpaired. Raises OSError."""
    netlink.batch(BEGIN, END, [no_table(family, _NAME) for family in FAMILIES])


def _all(interfaces: "list[int]", handing: bytes) -> list[Message]:
    found = []
    for family in FAMILIES:
        leaving = (meta(OIF) + compare(EQUAL, struct.pack("=I", i)) + handing for i in interfaces)
        found += table(family, _NAME)
        found += [rule(family, _NAME, each) for each in (*passing(family), *leaving)]
    return found


def _by_queue() -> bytes:
    return expression("queue", attribute(1, struct.pack("!H", QUEUE)))


def _by_target() -> bytes:
    info = struct.pack("=H6x", QUEUE)  # struct xt_NFQ_info, padded
    body = attribute(1, b"NFQUEUE\0") + attribute(2, number(0)) + attribute(3, info)
    return expression("target", body)
