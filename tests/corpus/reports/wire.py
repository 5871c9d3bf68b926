"""Packets as they may cross the links of a run, made by hand."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from dpkt import ethernet, icmp6, ip6, tcp, udp

from lab.events import Capture, Packet
from tests.corpus.reports.timed import BEGAN, LISTENER, TALKER

ADDRESS = {node.node: node.addresses[0] for node in (LISTENER, TALKER)}
Where = tuple[str, str]


def frame(where: Where, layer: Any, protocol: int) -> bytes:
    """From one node to the other."""
    source, target = (socket.inet_pton(socket.AF_INET6, ADDRESS[name]) for name in where)
    inner = ip6.IP6(src=source, dst=target, nxt=protocol, plen=len(layer), data=layer, hlim=64)
    return bytes(ethernet.Ethernet(type=ethernet.ETH_TYPE_IP6, data=inner))


def datagram(where: Where, ports: tuple[int, int], data: bytes) -> bytes:
    """Of UDP."""
    layer = udp.UDP(sport=ports[0], dport=ports[1], data=data, ulen=8 + len(data))
    return frame(where, layer, 17)


def segment(where: Where, flags: int, data: bytes = b"", *, sequence: int = 100) -> bytes:
    """Of TCP."""
    layer = tcp.TCP(sport=40000, dport=3490, flags=flags, seq=sequence, data=data)
    return frame(where, layer, 6)


def message(where: Where, kind: int, code: int) -> bytes:
    """Of ICMPv6."""
    return frame(where, icmp6.ICMP6(type=kind, code=code, data=b"\0" * 44), 58)


def seen(at: float, where: Where, data: bytes, *, lost: bool = False) -> Iterator[Packet]:
    """Where it leaves, and, if it gets there, where it arrives."""
    yield Packet(BEGAN + at, where[0], "lan", outgoing=True, data=data, length=len(data))
    if not lost:
        yield Packet(
            BEGAN + at + 1e-4, where[1], "lan", outgoing=False, data=data, length=len(data)
        )


THERE, BACK = ("talker", "listener"), ("listener", "talker")
CAPTURE = Capture(
    (
        *seen(0.540, THERE, message(THERE, 135, 0)),
        *seen(0.541, BACK, message(BACK, 136, 0)),
        *seen(0.542, THERE, datagram(THERE, (40000, 4950), b"hello over IPv6")),
        *seen(0.543, THERE, datagram(THERE, (40000, 4950), b"gone\x1b[2J"), lost=True),
        *seen(0.544, THERE, segment(THERE, tcp.TH_SYN)),
        *seen(0.545, BACK, segment(BACK, tcp.TH_SYN | tcp.TH_ACK)),
        *seen(0.546, THERE, segment(THERE, tcp.TH_ACK)),
        *seen(0.547, THERE, segment(THERE, tcp.TH_ACK | tcp.TH_PUSH, b"hi")),
    )
)
