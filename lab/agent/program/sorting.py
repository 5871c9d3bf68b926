"""Rules that sort a node's outgoing packets into classes, and count them (nf_tables).

Law: speaks through a socket of the node's network namespace, in tables of its own name. A packet
is counted as the node hands it to its link: before it is fragmented, once, by the first rule it
fits. What no impairment touches (spared) is in no class. All rules change at one moment.
"""

import socket
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .exact import Exact
from .netlink import Netlink
from .nftables import (
    BEGIN,
    END,
    EQUAL,
    FAMILIES,
    GET_COUNTERS,
    IPV4,
    L4PROTO,
    NETWORK,
    OIF,
    TRANSPORT,
    Message,
    accept,
    classify,
    compare,
    count,
    counted,
    counter,
    counters,
    meta,
    no_rules,
    no_table,
    payload,
    rule,
    table,
)
from .spared import passing

_NAME = b"socketlab-sorts\0"
_PROTOCOLS = {"tcp": (6, 6), "udp": (17, 17), "icmp": (1, 58)}  # IPv4, IPv6
_DESTINATION = {True: (16, 4), False: (24, 16)}  # of IPv4 or not: offset, length
_PORTS = (0, 2)  # offsets: from, to


class Sort(NamedTuple):
    """The packets an impairment falls on, and their class."""

    packets: Exact
    class_: int


class Sorting:
    """The rules, which so far sort nothing. Raises OSError."""

    def __init__(self, netlink: Netlink) -> None:
        self._netlink = netlink
        self._tell([message for family in FAMILIES for message in table(family, _NAME)])

    def set(self, sorts: "Mapping[str, Sort]") -> None:
        """Sort so from now on."""
        self._tell([message for family in FAMILIES for message in laid(family, sorts)])

    def counts(self) -> dict[str, int]:
        """How many packets there were of each sort there ever was."""
        found: dict[str, int] = {}
        for family in FAMILIES:
            for body in self._netlink.dump(GET_COUNTERS, counters(family, _NAME)):
                title, packets = counted(body)
                name = title.rstrip(b"\0").decode()
                found[name] = found.get(name, 0) + packets
        return found

    def lift(self) -> None:
        """Take all of it away."""
        self._tell([no_table(family, _NAME) for family in FAMILIES])

    def _tell(self, messages: list[Message]) -> None:
        self._netlink.batch(BEGIN, END, messages)


def laid(family: int, sorts: "Mapping[str, Sort]") -> Iterator[Message]:
    """What puts these rules in the place of those there were."""
    yield no_rules(family, _NAME)
    for expressions in passing(family):
        yield rule(family, _NAME, expressions)
    for name, (packets, class_) in sorts.items():
        title = name.encode() + b"\0"
        yield counter(family, _NAME, title)
        for which in _which(family, packets):
            yield rule(family, _NAME, which + count(title) + classify(class_) + accept())


def _which(family: int, packets: Exact) -> Iterator[bytes]:
    of = _transport(family, packets.transport)
    for interface in packets.interfaces:
        by = meta(OIF) + compare(EQUAL, struct.pack("=I", interface))
        for to in _destinations(family, packets.to):
            for port in _ports(packets.port):
                yield by + to + of + port


def _transport(family: int, transport: str | None) -> bytes:
    if transport is None:
        return b""
    protocol = _PROTOCOLS[transport][family != IPV4]
    return meta(L4PROTO) + compare(EQUAL, bytes([protocol]))


def _destinations(family: int, to: "tuple[str, ...] | None") -> Iterator[bytes]:
    if to is None:
        yield b""
    for address in to or ():
        if (":" not in address) == (family == IPV4):
            raw = socket.inet_pton(family, address)
            yield payload(NETWORK, *_DESTINATION[family == IPV4]) + compare(EQUAL, raw)


def _ports(port: int | None) -> Iterator[bytes]:
    if port is None:
        yield b""
    else:
        for offset in _PORTS:
            yield payload(TRANSPORT, offset, 2) + compare(EQUAL, struct.pack("!H", port))
