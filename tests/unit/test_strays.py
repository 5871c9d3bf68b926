"""That an IPv6-only network was one, judged from what was captured on it."""

import socket
from pathlib import Path

from dpkt import arp, dns, ethernet, ip, ip6, udp
from dpkt.dpkt import Packet as Layer

from lab.events import Capture, Packet
from lab.model import Attachment, Family, Network, Node, Program, Topology
from lab.source import Span
from lab.strays import judge_families
from lab.verdict import Judgement, Verdict

SPAN = Span(Path("x.yaml"), 4, 3, 4, 6)
HERE = Span(Path("x.yaml"), 9, 3, 9, 6)


def v4(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET, text)


def v6(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6, text)


def topology(*families: Family) -> Topology:
    networks = [Network(f.value, f, SPAN) for f in families]
    links = tuple(Attachment(network.name, HERE) for network in networks)
    nodes = (
        Node("talker", "talker", Program(None, (), None), links, ends=True, span=HERE),
        Node("listener", "listener", Program(None, (), None), links, ends=False, span=HERE),
    )
    return Topology(tuple(networks), nodes)


def frame(kind: int, layer: Layer) -> bytes:
    return bytes(ethernet.Ethernet(type=kind, data=layer))


DATAGRAM = udp.UDP(sport=4000, dport=4950, data=b"x", ulen=9)
BROADCAST = ip.IP(src=v4("0.0.0.0"), dst=v4("255.255.255.255"), p=17, data=DATAGRAM)
IPV4 = frame(0x0800, BROADCAST)
ARP = frame(0x0806, arp.ARP(spa=v4("192.0.2.1"), tpa=v4("192.0.2.2")))
IPV6 = frame(
    0x86DD,
    ip6.IP6(src=v6("2001:db8::1"), dst=v6("2001:db8::2"), nxt=17, plen=9, data=DATAGRAM),
)


def answer(family: int) -> bytes:
    """What a name server says of talker, over IPv6."""
    told = {dns.DNS_A: {"ip": v4("192.0.2.7")}, dns.DNS_AAAA: {"ip6": v6("2001:db8::7")}}[family]
    one = dns.DNS.RR(name="talker", type=family, cls=dns.DNS_IN, ttl=1, **told)
    said = dns.DNS(id=1, qr=1, qd=[dns.DNS.Q(name="talker", type=family)], an=[one])
    data = bytes(said)
    datagram = udp.UDP(sport=53, dport=4000, data=data, ulen=8 + len(data))
    return frame(
        0x86DD,
        ip6.IP6(
            src=v6("2001:db8::5"), dst=v6("2001:db8::1"), nxt=17, plen=8 + len(data), data=datagram
        ),
    )


def crossed(data: bytes, network: str = "ipv6", *, outgoing: bool = True, gap: str = "") -> Capture:
    packet = Packet(1.0, "talker", network, outgoing=outgoing, data=data, length=len(data))
    return Capture((packet,), gap)


def judged(capture: Capture | None, *families: Family) -> Judgement:
    captures = {"listener": Capture()} | ({"talker": capture} if capture else {})
    (judgement,) = judge_families(topology(*(families or (Family.IPV6,))), captures)
    assert judgement.span == SPAN
    assert judgement.subject == "ipv6"
    return judgement


def test_ipv6_alone_is_as_it_should_be() -> None:
    assert judged(crossed(IPV6)).verdict is Verdict.PASS
    assert judged(Capture()).verdict is Verdict.PASS


def test_a_node_that_sent_ipv4_is_told_of_at_its_network() -> None:
    found = judged(crossed(IPV4))
    assert found.verdict is Verdict.FAIL
    assert found.final
    assert found.reason == ("talker sent IPv4: 0.0.0.0 > 255.255.255.255 udp 4000 > 4950, 1 byte")
    assert judged(crossed(ARP)).reason == "talker sent IPv4: 192.0.2.1 > 192.0.2.2 arp"


def test_what_the_engine_makes_known_from_within_a_node_is_none_of_its_programs() -> None:
    known = frame(0x0806, arp.ARP(spa=v4("192.0.2.1"), tpa=v4("192.0.2.1")))
    assert judged(crossed(known)).verdict is Verdict.PASS


def test_how_many_packets_it_sent_is_told() -> None:
    packets = crossed(IPV4).packets * 3
    assert judged(Capture(packets)).reason.endswith("1 byte, and 2 more")


def test_what_the_engines_host_sends_is_nobodys_fault() -> None:
    assert judged(crossed(IPV4, outgoing=False)).verdict is Verdict.PASS


def test_only_the_network_that_is_ipv6_only_matters() -> None:
    both = (Family.DUAL, Family.IPV6)
    assert judged(crossed(IPV4, "dual"), *both).verdict is Verdict.PASS
    assert judged(crossed(IPV4, "ipv6"), *both).verdict is Verdict.FAIL
    assert judge_families(topology(Family.DUAL, Family.IPV4), {}) == ()


def test_an_ipv4_address_that_was_told_is_one_too_many() -> None:
    found = judged(crossed(answer(dns.DNS_A), outgoing=False))
    assert found.verdict is Verdict.FAIL
    assert found.reason == "a name server told talker an IPv4 address: talker is 192.0.2.7"
    assert judged(crossed(answer(dns.DNS_AAAA), outgoing=False)).verdict is Verdict.PASS


def test_a_node_with_ipv4_elsewhere_may_be_told_of_it() -> None:
    told = crossed(answer(dns.DNS_A), outgoing=False)
    assert judged(told, Family.DUAL, Family.IPV6).verdict is Verdict.PASS


def test_port_53_says_anything_at_all() -> None:
    broken = answer(dns.DNS_A)[:70]
    assert judged(crossed(broken, outgoing=False)).verdict is Verdict.PASS


def test_what_was_not_seen_whole_proves_nothing() -> None:
    assert judged(crossed(IPV6, gap="the kernel dropped 3 packets")).verdict is Verdict.ERROR
    assert judged(crossed(IPV4, gap="the kernel dropped 3 packets")).verdict is Verdict.ERROR
    assert judged(None).verdict is Verdict.ERROR
