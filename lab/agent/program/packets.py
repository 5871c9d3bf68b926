"""What an IP packet says of itself: where it goes, by which transport, between which ports.

Law: pure. The packet is as the kernel hands it over: from its IP header on, whole (RFC 791, RFC
8200). What cannot be told is left empty; ports of a fragment that is not the first cannot.
"""

import socket
import struct
from typing import NamedTuple

_PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}
_WITH_PORTS = frozenset({"tcp", "udp"})
_PORTS = struct.Struct("!HH")
_IPV6_HEADER = 40
# Headers that may stand before the transport's: hop-by-hop, routing, destination options.
_BEFORE = frozenset({0, 43, 60})
_FRAGMENT = 44


class Packet(NamedTuple):
    """`start` is where what the transport carries begins, for a packet that says so."""

    destination: str
    transport: str
    ports: tuple[int, ...]
    start: int


def read(data: bytes) -> Packet:
    """A packet of either family."""
    return _ipv4(data) if data[0] >> 4 == 4 else _ipv6(data)


def _ipv4(data: bytes) -> Packet:
    at = (data[0] & 0xF) * 4
    first = not int.from_bytes(data[6:8]) & 0x1FFF
    destination = socket.inet_ntop(socket.AF_INET, data[16:20])
    return _packet(data, destination, data[9], at, first=first)


def _ipv6(data: bytes) -> Packet:
    protocol, at, first = data[6], _IPV6_HEADER, True
    while protocol in _BEFORE or protocol == _FRAGMENT:
        if at + 8 > len(data):
            break
        size = 8
        if protocol == _FRAGMENT:
            first = not int.from_bytes(data[at + 2 : at + 4]) & 0xFFF8
        else:
            size = (data[at + 1] + 1) * 8
        protocol, at = data[at], at + size
    destination = socket.inet_ntop(socket.AF_INET6, data[24:40])
    return _packet(data, destination, protocol, at, first=first)


def _packet(data: bytes, destination: str, protocol: int, at: int, *, first: bool) -> Packet:
    transport = _PROTOCOLS.get(protocol, "")
    if not first or transport not in _WITH_PORTS or at + 8 > len(data):
        return Packet(destination, transport, (), at)
    size = 8 if transport == "udp" else (data[at + 12] >> 4) * 4 if at + 13 <= len(data) else 20
    return Packet(destination, transport, _PORTS.unpack_from(data, at), at + size)
