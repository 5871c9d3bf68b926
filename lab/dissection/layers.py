"""From bytes to a record, by dpkt."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import dpkt
from dpkt import arp, dns, ethernet, icmp, icmp6, ip, ip6, tcp, udp
from msgspec.structs import replace

from lab.dissection.dissected import FLAGS, Dissected
from lab.dissection.icmp import VERSION_4, VERSION_6, words
from lab.events import Packet

_BITS = {
    "SYN": tcp.TH_SYN,
    "ACK": tcp.TH_ACK,
    "FIN": tcp.TH_FIN,
    "RST": tcp.TH_RST,
    "PSH": tcp.TH_PUSH,
    "URG": tcp.TH_URG,
}
_PROTOCOLS = {
    ip.IP_PROTO_TCP: "tcp",
    ip.IP_PROTO_UDP: "udp",
    ip.IP_PROTO_ICMP: "icmp",
    ip.IP_PROTO_ICMP6: "icmpv6",
    ip.IP_PROTO_IGMP: "igmp",
}
_MALFORMED = (dpkt.Error, ValueError, IndexError, AttributeError)
_ICMP_HEAD = 8  # bytes of every message, numbers of an echo included
_NAME_SERVER = 53  # its port


@lru_cache(maxsize=4096)
def dissect(packet: Packet) -> Dissected:
    """The packet taken apart; once, however often it is looked at."""
    try:
        frame = ethernet.Ethernet(packet.data)
        return _network(frame.data, Dissected(packet))
    except _MALFORMED:
        return Dissected(packet)


def _network(layer: Any, found: Dissected) -> Dissected:
    match layer:
        case ip.IP():
            return _ipv4(layer, found)
        case ip6.IP6():
            return _ipv6(layer, found)
        case arp.ARP():
            source, target = (socket.inet_ntop(socket.AF_INET, a) for a in (layer.spa, layer.tpa))
            return replace(found, family="arp", protocol="arp", source=source, target=target)
    return found


def _ipv4(layer: Any, found: Dissected) -> Dissected:
    source, target = (socket.inet_ntop(socket.AF_INET, a) for a in (layer.src, layer.dst))
    found = replace(
        found,
        family="ipv4",
        protocol=_PROTOCOLS.get(layer.p, str(layer.p)),
        source=source,
        target=target,
        size=len(layer.data),
    )
    return replace(found, protocol="fragment") if layer.offset else _inner(layer.data, found)


def _ipv6(layer: Any, found: Dissected) -> Dissected:
    source, target = (socket.inet_ntop(socket.AF_INET6, a) for a in (layer.src, layer.dst))
    pieces = [h for h in layer.all_extension_headers if isinstance(h, ip6.IP6FragmentHeader)]
    number = layer.p
    found = replace(
        found,
        family="ipv6",
        protocol=_PROTOCOLS.get(number, str(number)),
        source=source,
        target=target,
        size=len(layer.data),
    )
    if pieces and pieces[0].frag_off:
        return replace(found, protocol="fragment")
    return _inner(layer.data, found)


def _inner(layer: Any, found: Dissected) -> Dissected:
    match layer:
        case udp.UDP():
            size = layer.ulen - len(udp.UDP()) if layer.ulen else len(layer.data)
            return replace(found, source_port=layer.sport, target_port=layer.dport, size=size)
        case tcp.TCP():
            return replace(
                found,
                source_port=layer.sport,
                target_port=layer.dport,
                flags=tuple(name for name in FLAGS if layer.flags & _BITS[name]),
                sequence=layer.seq,
                acknowledged=layer.ack,
                size=len(layer.data),
            )
        case icmp.ICMP():
            return _message(layer, VERSION_4, found)
        case icmp6.ICMP6():
            return _message(layer, VERSION_6, found)
    return found


def _message(layer: Any, version: Mapping[tuple[int, int], str], found: Dissected) -> Dissected:
    said = words(version, layer.type, layer.code)
    quoted = getattr(getattr(layer.data, "data", None), "p", None)  # of what it complains about
    about = "" if quoted is None else _PROTOCOLS.get(quoted, str(quoted))
    return replace(found, icmp=said, about=about, size=max(found.size - _ICMP_HEAD, 0))


def told_addresses(packet: Packet) -> Iterator[str]:
    """The IPv4 addresses in what a name server said: `talker is 192.0.2.1`."""
    try:
        layer = ethernet.Ethernet(packet.data).data.data
        data = layer.data[2:] if isinstance(layer, tcp.TCP) else layer.data
        answers = dns.DNS(data).an if layer.sport == _NAME_SERVER else ()
    except _MALFORMED:
        return
    for answer in answers:
        if answer.type == dns.DNS_A:
            yield f"{answer.name} is {socket.inet_ntop(socket.AF_INET, answer.rdata)}"
