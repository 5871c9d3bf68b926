"""A packet taken apart."""

from __future__ import annotations

from msgspec import Struct

from lab.events import Packet

FLAGS = ("SYN", "FIN", "RST", "PSH", "ACK", "URG")


class Dissected(Struct, frozen=True):
    """What is not in it is "", None or empty.

    `family` is ipv4, ipv6 or arp. `protocol` is udp, tcp, icmp, icmpv6, arp, igmp, `fragment` for
    every piece of a datagram but the first, or the protocol's number. `size` is the payload behind
    the last header, of a datagram all of it even where it was sent in pieces. `icmp` is what the
    message says in words; `about` the protocol of the packet it complains about. `target` of an
    ARP packet is the address asked for.
    """

    packet: Packet
    family: str = ""
    protocol: str = ""
    source: str = ""
    target: str = ""
    source_port: int | None = None
    target_port: int | None = None
    flags: tuple[str, ...] = ()
    sequence: int = 0
    acknowledged: int = 0
    size: int = 0
    icmp: str = ""
    about: str = ""
