"""Packets taken apart, and which of them say again what was said before."""

import socket
from dataclasses import dataclass, field

import pytest
from dpkt import ethernet, icmp, icmp6, ip, ip6, tcp, udp
from dpkt.dpkt import Packet as Layer

from lab.dissection.dissected import Dissected
from lab.dissection.icmp import VERSION_4, VERSION_6, words
from lab.dissection.layers import dissect
from lab.dissection.repeats import repeats
from lab.dissection.summary import line, names
from lab.events import Packet

V4 = {"src": socket.inet_aton("192.0.2.1"), "dst": socket.inet_aton("192.0.2.2")}
V6 = {
    "src": socket.inet_pton(socket.AF_INET6, "2001:db8::1"),
    "dst": socket.inet_pton(socket.AF_INET6, "2001:db8::2"),
}
DATAGRAM = bytes(udp.UDP(sport=40000, dport=4950, ulen=23, data=bytes(15)))


def packet(frame: bytes) -> Packet:
    return Packet(1.0, "talker", "lan", outgoing=True, data=frame, length=len(frame))


def over4(kind: int, layer: bytes, **more: int) -> Dissected:
    packed = ip.IP(p=kind, len=20 + len(layer), data=layer, **V4, **more)
    return dissect(packet(bytes(ethernet.Ethernet(type=0x0800, data=bytes(packed)))))


def over6(kind: int, layer: bytes) -> Dissected:
    packed = ip6.IP6(nxt=kind, plen=len(layer), data=layer, **V6)
    return dissect(packet(bytes(ethernet.Ethernet(type=0x86DD, data=bytes(packed)))))


def test_a_datagram_over_both_families() -> None:
    for found in (over4(17, DATAGRAM), over6(17, DATAGRAM)):
        assert (found.protocol, found.source_port, found.target_port) == ("udp", 40000, 4950)
        assert found.size == 15
    assert (found.family, found.source, found.target) == ("ipv6", "2001:db8::1", "2001:db8::2")


def test_a_segment() -> None:
    layer = tcp.TCP(sport=3490, dport=40000, seq=7, ack=9, flags=tcp.TH_RST | tcp.TH_ACK)
    found = over6(6, bytes(layer))
    assert (found.protocol, found.flags, found.size) == ("tcp", ("RST", "ACK"), 0)
    assert (found.sequence, found.acknowledged) == (7, 9)


def test_pieces_of_a_datagram_count_once() -> None:
    """The first says how long all of it is."""
    first = over4(17, bytes(udp.UDP(sport=1, dport=2, ulen=3008, data=bytes(1400))), mf=1)
    later = over4(17, bytes(1600), offset=1408)
    assert (first.protocol, first.size) == ("udp", 3000)
    assert (later.protocol, later.target_port) == ("fragment", None)
    header = bytes([17, 0]) + (1408).to_bytes(2, "big") + bytes(4)
    assert over6(44, header + bytes(100)).protocol == "fragment"
    assert over6(44, bytes([17, 0, 0, 1]) + bytes(4) + DATAGRAM).protocol == "udp"


def test_options_before_the_datagram() -> None:
    assert over6(0, bytes([17, 0, 1, 4, 0, 0, 0, 0]) + DATAGRAM).target_port == 4950


def quoting(inner: Layer) -> bytes:
    return bytes(4) + bytes(inner)


def test_unreachable_says_the_same_in_both_versions() -> None:
    four = ip.IP(p=17, len=20 + len(DATAGRAM), data=DATAGRAM, **V4)
    six = ip6.IP6(nxt=17, plen=len(DATAGRAM), data=DATAGRAM, **V6)
    found = [
        over4(1, bytes(icmp.ICMP(type=3, code=3, data=quoting(four)))),
        over6(58, bytes(icmp6.ICMP6(type=1, code=4, data=quoting(six)))),
    ]
    assert [each.icmp for each in found] == ["port unreachable"] * 2
    assert [each.about for each in found] == ["udp"] * 2
    assert [each.protocol for each in found] == ["icmp", "icmpv6"]


def test_what_no_word_is_known_for_keeps_its_numbers() -> None:
    assert words(VERSION_4, 3, 77) == "type 3, code 77"
    assert words(VERSION_6, 128, 5) == "echo request"


@pytest.mark.parametrize("length", range(0, 62, 3))
def test_a_frame_that_is_cut_off_anywhere_is_no_error(length: int) -> None:
    whole = bytes(
        ethernet.Ethernet(type=0x86DD, data=ip6.IP6(nxt=17, plen=23, data=DATAGRAM, **V6))
    )
    assert dissect(packet(whole[:length])).family in ("", "ipv6")


def test_a_line_names_nodes() -> None:
    known = names({"talker.lan.ipv6": "2001:db8::1", "talker.ip": "2001:db8::1", "x.port": "1"})
    assert line(over6(17, DATAGRAM), known) == ("talker > 2001:db8::2 udp 40000 > 4950, 15 bytes")
    assert line(dissect(packet(bytes(20))), known) == "20 bytes that are no IP"


# -- retransmissions -------------------------------------------------------------------------


@dataclass
class Wire:
    """Segments of one direction after another."""

    seen: list[Dissected] = field(default_factory=list)

    def says(
        self, sequence: int, size: int = 0, *flags: str, to: str = "b", outgoing: bool = True
    ) -> "Wire":
        frame = Packet(len(self.seen), "n", "lan", outgoing=outgoing, data=b"", length=0)
        self.seen.append(
            Dissected(frame, "ipv6", "tcp", "a", to, 1, 2, flags, sequence % (1 << 32), 0, size)
        )
        return self

    @property
    def again(self) -> list[int]:
        return sorted(repeats(self.seen))


def test_what_goes_on_is_no_repeat() -> None:
    wire = Wire().says(100, 0, "SYN").says(101).says(101, 50).says(151, 50).says(201, 0, "FIN")
    assert wire.again == []


def test_data_a_syn_and_a_fin_that_come_again() -> None:
    wire = Wire().says(100, 0, "SYN").says(100, 0, "SYN").says(101, 9).says(101, 9)
    assert wire.says(110, 0, "FIN").says(110, 0, "FIN").again == [1, 3, 5]


def test_a_part_of_it_is_enough() -> None:
    assert Wire().says(100, 50).says(120, 50).again == [1]
    assert Wire().says(100, 50).says(90, 11).again == [1]


def test_what_comes_late_but_once_is_none() -> None:
    assert Wire().says(0, 10).says(20, 10).says(10, 10).says(30, 10).again == []
    assert Wire().says(0, 10).says(20, 10).says(10, 10).says(5, 1).again == [3]


def test_numbers_begin_again() -> None:
    wire = Wire().says(-20, 10).says(-10, 20).says(10, 10)
    assert wire.again == []
    assert wire.says(-10, 5).says(12, 1).again == [3, 4]


def test_acknowledgements_carry_nothing_that_could_come_again() -> None:
    assert Wire().says(101).says(101).says(101).again == []


def test_other_directions_and_connections_are_others() -> None:
    wire = Wire().says(1, 9).says(1, 9, outgoing=False).says(1, 9, to="c")
    assert wire.again == []


def test_a_port_may_be_used_again() -> None:
    assert Wire().says(100, 0, "SYN").says(101, 9).says(50, 0, "SYN").says(51, 60).again == []
