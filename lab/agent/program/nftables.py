"""What rules of nf_tables are made of: tables, chains, counters, expressions.

Law: bytes alone; nothing is sent here. Every chain is where packets leave a machine, behind all
others. Sources: linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h.
"""

import struct

from .netlink import CREATE, attribute, attributes

IPV4, IPV6 = FAMILIES = (2, 10)
BEGIN, END = 16, 17  # NFNL_MSG_BATCH_*
HEADER = struct.Struct("!BBH")  # family, version, resource
NETWORK, TRANSPORT = 1, 2  # whose header
MARK, OIF, L4PROTO = 3, 5, 16  # NFT_META_*
EQUAL, AT_LEAST, AT_MOST = 0, 5, 3  # NFT_CMP_*
GET_COUNTERS = 10 << 8 | 19  # NFT_MSG_GETOBJ

_TABLES = 10 << 8  # NFNL_SUBSYS_NFTABLES
_NEW_TABLE, _DELETE_TABLE, _NEW_CHAIN, _NEW_RULE, _DELETE_RULE, _NEW_OBJECT = (
    _TABLES | kind for kind in (0, 2, 3, 6, 8, 18)
)
_CHAIN = b"out\0"
_POSTROUTING, _LAST, _FILTER = 4, 0x7FFFFFFF, b"filter\0"
_APPEND = 0x800
_PRIORITY = 2  # NFT_META_PRIORITY
_REGISTER, _VERDICT = 1, 0
_ACCEPT = 1
_COUNTER = 1  # NFT_OBJECT_COUNTER

Message = tuple[int, int, bytes]  # type, flags, payload


def table(family: int, name: bytes) -> "list[Message]":
    """A table, and its chain."""
    head = HEADER.pack(family, 0, 0)
    hook = attribute(1, number(_POSTROUTING)) + attribute(2, number(_LAST))
    chain = attribute(1, name) + attribute(3, _CHAIN) + nest(4, hook) + attribute(7, _FILTER)
    return [
        (_NEW_TABLE, CREATE, head + attribute(1, name)),
        (_NEW_CHAIN, CREATE, head + chain),
    ]


def no_table(family: int, name: bytes) -> Message:
    """It and all that is in it away."""
    return (_DELETE_TABLE, 0, HEADER.pack(family, 0, 0) + attribute(1, name))


def rule(family: int, name: bytes, expressions: bytes) -> Message:
    """A rule behind those there are."""
    body = attribute(1, name) + attribute(2, _CHAIN) + nest(4, expressions)
    return (_NEW_RULE, CREATE | _APPEND, HEADER.pack(family, 0, 0) + body)


def no_rules(family: int, name: bytes) -> Message:
    """All rules of a table's chain away."""
    body = attribute(1, name) + attribute(2, _CHAIN)
    return (_DELETE_RULE, 0, HEADER.pack(family, 0, 0) + body)


def counter(family: int, name: bytes, title: bytes) -> Message:
    """A counter, which lasts as long as its table; one that is there stays as it is."""
    body = attribute(1, name) + attribute(2, title) + attribute(3, number(_COUNTER)) + nest(4, b"")
    return (_NEW_OBJECT, CREATE, HEADER.pack(family, 0, 0) + body)


def counters(family: int, name: bytes) -> bytes:
    """The payload of the question for a table's counters."""
    return HEADER.pack(family, 0, 0) + attribute(1, name) + attribute(3, number(_COUNTER))


def counted(body: bytes) -> "tuple[bytes, int]":
    """A counter's title, and how many packets it has counted."""
    found = attributes(body, HEADER.size)
    return found[2], int.from_bytes(attributes(found[4], 0)[2])


# -- expressions


def meta(key: int) -> bytes:
    """Take up what is known of the packet."""
    return expression("meta", attribute(1, number(_REGISTER)) + attribute(2, number(key)))


def payload(header: int, offset: int, length: int) -> bytes:
    """Take up bytes of one of its headers."""
    parts = (_REGISTER, header, offset, length)
    body = b"".join(attribute(k, number(v)) for k, v in enumerate(parts, start=1))
    return expression("payload", body)


def compare(operator: int, value: bytes) -> bytes:
    """Go on only if what was taken up is so."""
    body = attribute(1, number(_REGISTER)) + attribute(2, number(operator))
    return expression("cmp", body + nest(3, attribute(1, value)))


def accept() -> bytes:
    """No further rule of this chain."""
    verdict = nest(2, attribute(1, number(_ACCEPT)))
    return expression("immediate", attribute(1, number(_VERDICT)) + nest(2, verdict))


def count(title: bytes) -> bytes:
    """By a counter."""
    return expression("objref", attribute(1, number(_COUNTER)) + attribute(2, title))


def classify(class_: int) -> bytes:
    """Have the packet go to a class of the interface's queueing discipline."""
    value = nest(2, attribute(1, struct.pack("=I", class_)))
    load = expression("immediate", attribute(1, number(_REGISTER)) + value)
    body = attribute(2, number(_PRIORITY)) + attribute(3, number(_REGISTER))
    return load + expression("meta", body)


def expression(name: str, body: bytes) -> bytes:
    """One, by the name the kernel has for it."""
    return nest(1, attribute(1, name.encode() + b"\0") + nest(2, body))


def nest(kind: int, body: bytes) -> bytes:
    """An attribute of attributes."""
    return attribute(kind | 0x8000, body)


def number(value: int) -> bytes:
    """As nf_tables has them."""
    return struct.pack("!I", value)
