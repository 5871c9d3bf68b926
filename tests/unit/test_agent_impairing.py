"""What becomes of packets that are impaired: pure, with the time told and nobody's kernel."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

import pytest

from lab.agent.program import chance, packets, rules
from lab.agent.program.course import Course
from lab.agent.program.effects import PATIENCE, Impairment
from lab.agent.program.netlink import attributes
from lab.agent.program.packet_queue import Waiting
from lab.agent.program.refusal import Refusal

OUT = 7  # the interface
PEER, OTHER = "192.0.2.2", "192.0.2.3"


def ipv4(payload: bytes, to: str = PEER, protocol: int = 17) -> bytes:
    udp = struct.pack("!HHHH", 40000, 4950, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, protocol, 0)
    return head + socket.inet_aton("192.0.2.1") + socket.inet_aton(to) + udp


def ipv6(payload: bytes, extension: bytes = b"", first: int = 17) -> bytes:
    udp = struct.pack("!HHHH", 40000, 4950, 8 + len(payload), 0) + payload
    head = struct.pack("!IHBB", 0x60000000, len(extension) + len(udp), first, 64)
    ends = (
        socket.inet_pton(socket.AF_INET6, "2001:db8::1"),
        socket.inet_pton(socket.AF_INET6, "2001:db8::2"),
    )
    return head + b"".join(ends) + extension + udp


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ipv4(b"x"), ("192.0.2.2", "udp", (40000, 4950), 28)),
        (ipv4(b"x", protocol=1), ("192.0.2.2", "icmp", (), 20)),
        (ipv6(b"x"), ("2001:db8::2", "udp", (40000, 4950), 48)),
        (
            ipv6(b"x", b"\x11\0\0\0\0\0\0\0", first=0),
            ("2001:db8::2", "udp", (40000, 4950), 56),
        ),
        (
            ipv6(b"x", b"\x11\0\0\x09\0\0\0\x07", first=44),  # a fragment that is not the first
            ("2001:db8::2", "udp", (), 48),
        ),
        (ipv6(b"x")[:44], ("2001:db8::2", "udp", (), 40)),  # cut short
    ],
)
def test_what_a_packet_says_of_itself(data: bytes, found: tuple[object, ...]) -> None:
    assert tuple(packets.read(data)) == found


def test_a_share_is_chosen_by_the_seed_alone() -> None:
    chosen = [chance.chooser({"share": 0.2}, "s")(n) for n in range(1, 5001)]
    assert [chance.chooser({"share": 0.2}, "s")(n) for n in range(1, 5001)] == chosen
    assert 900 < sum(chosen) < 1100  # 1000 are due; 5 standard deviations are 141
    assert [chance.chooser({"share": 0.2}, "t")(n) for n in range(1, 5001)] != chosen


def test_packets_chosen_by_number() -> None:
    every, nth = chance.chooser({"every": 3}, ""), chance.chooser({"nth": [2, 5]}, "")
    assert [n for n in range(1, 10) if every(n)] == [3, 6, 9]
    assert [n for n in range(1, 10) if nth(n)] == [2, 5]


@pytest.mark.parametrize("written", [{"every": 0}, {"share": "much"}, {}, 7])
def test_what_chooses_nothing_is_refused(written: object) -> None:
    with pytest.raises(Refusal, match="chooses no packets"):
        chance.chooser(written, "")


class Hand:
    """Takes down what goes on, by the last byte of its payload."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self.bytes: list[bytes] = []

    def accept(self, packet: Waiting, data: bytes) -> None:
        self.gone.append(f"{data[-1:].decode(errors='replace')}")
        self.bytes.append(data)

    def drop(self, packet: Waiting) -> None:
        """Nothing is seen of it."""

    def send(self, data: bytes, destination: str, interface: int) -> None:
        assert (destination, interface) == (PEER, OUT)
        self.gone.append(f"{data[-1:].decode(errors='replace')}")
        self.bytes.append(data)


def impairment(**effects: object) -> Impairment:
    return Impairment({"seed": "s", "interfaces": [OUT], "to": [PEER], "effects": effects})


def through(
    payloads: str, *impairments: Impairment, gap: float = 0.0, to: str = PEER, out: int = OUT
) -> tuple[Hand, Course]:
    """Single letters sent one after another; what is late goes on at the end."""
    hand = Hand()
    course = Course(hand)
    course.set({str(at): each for at, each in enumerate(impairments)})
    for at, letter in enumerate(payloads):
        course.release(at * gap)
        course.take(Waiting(at, out, ipv4(letter.encode(), to)), at * gap)
    while (due := course.due()) is not None:
        course.release(due)
    return hand, course


def test_every_third_is_lost() -> None:
    hand, course = through("abcdefg", impairment(loss={"every": 3}))
    assert "".join(hand.gone) == "abdeg"
    assert course.counts() == {"0": {"seen": 7, "loss": 2}}


@pytest.mark.parametrize(("to", "out"), [(OTHER, OUT), (PEER, OUT + 1)])
def test_what_goes_another_way_is_not_touched(to: str, out: int) -> None:
    hand, course = through("abc", impairment(loss={"every": 1}), to=to, out=out)
    assert "".join(hand.gone) == "abc"
    assert course.counts()["0"] == {"seen": 0, "loss": 0}


@pytest.mark.parametrize(
    ("only", "left"),
    [({"transport": "udp", "port": 4950}, ""), ({"transport": "udp", "port": 9}, "ab"),
     ({"transport": "tcp"}, "ab"), ({"transport": "udp"}, "")],
)  # fmt: skip
def test_only_packets_of_a_sort(only: dict[str, object], left: str) -> None:
    written = {"seed": "", "interfaces": [OUT], "effects": {"loss": {"every": 1}}, **only}
    assert "".join(through("ab", Impairment(written))[0].gone) == left


def test_doubled_ones_come_twice() -> None:
    hand, course = through("abc", impairment(duplicate={"nth": [2]}))
    assert sorted(hand.gone) == ["a", "b", "b", "c"]
    assert course.counts()["0"]["duplicate"] == 1


def test_a_chosen_one_is_overtaken_by_the_next() -> None:
    hand, course = through("abcd", impairment(reorder={"nth": [2]}))
    assert "".join(hand.gone) == "acbd"
    assert course.counts()["0"] == {"seen": 4, "reorder": 1}


def test_one_that_nothing_overtakes_goes_on_all_the_same_and_does_not_count() -> None:
    hand, course = through("ab", impairment(reorder={"nth": [2]}))
    assert "".join(hand.gone) == "ab"
    assert course.counts()["0"] == {"seen": 2, "reorder": 0}
    hand, course = through("abc", impairment(reorder={"nth": [2]}), gap=2 * PATIENCE)
    assert "".join(hand.gone) == "abc"
    assert course.counts()["0"]["reorder"] == 0


def test_a_delayed_one_is_held_until_it_is_due() -> None:
    hand = Hand()
    course = Course(hand)
    course.set({"0": impairment(delay=0.05)})
    course.take(Waiting(1, OUT, ipv4(b"a")), 1.0)
    assert (course.held(), course.due(), hand.gone) == (1, 1.05, [])
    course.release(1.049)
    assert hand.gone == []
    course.release(1.05)
    assert (course.held(), hand.gone) == (0, ["a"])


def test_jitter_is_around_the_delay() -> None:
    course = Course(Hand())
    course.set({"0": impairment(delay=0.05, jitter=0.02)})
    dues = []
    for number in range(200):
        course.take(Waiting(number, OUT, ipv4(b"a")), 0.0)
    while (due := course.due()) is not None:
        dues.append(due)
        course.release(due)
    assert 0.03 <= min(dues) < 0.035
    assert 0.065 < max(dues) <= 0.07


def test_a_slow_link_sends_one_after_another() -> None:
    course = Course(Hand())
    course.set({"0": impairment(rate=8000)})  # 1000 bytes in a second
    dues: list[float | None] = []
    for number in range(3):
        course.take(Waiting(number, OUT, ipv4(b"x" * 72)), 0.0)  # 100 bytes with their headers
    while course.due() is not None:
        dues.append(course.due())
        course.release(course.due() or 0.0)
    assert dues == pytest.approx([0.1, 0.2, 0.3])


def test_one_bit_of_a_spoilt_one_is_another() -> None:
    hand, _ = through("a", impairment(corrupt={"every": 1}))
    before, after = ipv4(b"a"), hand.bytes[0]
    assert before[:28] == after[:28]
    assert sum((x ^ y).bit_count() for x, y in zip(before, after, strict=True)) == 1


def test_all_impairments_a_packet_fits_fall_on_it() -> None:
    first, second = impairment(loss={"every": 2}), impairment(loss={"every": 2})
    hand, course = through("abcdefgh", first, second)
    assert "".join(hand.gone) == "ae"
    assert [each["seen"] for each in course.counts().values()] == [8, 4]


def test_what_is_healed_keeps_its_counts() -> None:
    hand, course = through("ab", impairment(loss={"every": 1}))
    course.set({})
    course.take(Waiting(9, OUT, ipv4(b"c")), 0.0)
    assert hand.gone == ["c"]
    assert course.counts() == {"0": {"seen": 2, "loss": 2}}


def test_the_same_seed_has_the_same_lost() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    once = through(letters, impairment(loss={"share": 0.3}))[0].gone
    again = through(letters, impairment(loss={"share": 0.3}), gap=0.7)[0].gone
    assert once == again
    assert len(once) < len(letters)


class Kernel:
    """Takes down batches; refuses those with a word in them, as a kernel without it does."""

    def __init__(self, without: bytes = b"nothing", number: int = 2) -> None:
        self.batches: list[Sequence[tuple[int, int, bytes]]] = []
        self._without = without
        self._number = number

    def batch(self, begin: int, end: int, said: Sequence[tuple[int, int, bytes]]) -> None:
        self.batches.append(said)
        if any(self._without in payload for _, _, payload in said):
            raise OSError(self._number, "refused")


def handings(kernel: Kernel) -> set[bytes]:
    """By which words packets are handed over in what the kernel took last."""
    return {
        word for _, _, p in kernel.batches[-1] for word in (b"queue\0", b"NFQUEUE\0") if word in p
    }


def test_rules_are_laid_in_one_way_or_the_other() -> None:
    kernel = Kernel()
    rules.lay(kernel, [OUT])  # type: ignore[arg-type]  # all it needs of a Netlink
    assert handings(kernel) == {b"queue\0"}
    kernel = Kernel(without=b"queue\0")
    rules.lay(kernel, [OUT])  # type: ignore[arg-type]
    assert handings(kernel) == {b"NFQUEUE\0"}


def test_a_kernel_that_forbids_is_not_asked_in_another_way() -> None:
    kernel = Kernel(without=b"queue\0", number=1)
    with pytest.raises(PermissionError):
        rules.lay(kernel, [OUT])  # type: ignore[arg-type]
    assert len(kernel.batches) == 1


def test_what_keeps_a_link_alive_passes_before_anything_is_queued() -> None:
    kernel = Kernel()
    rules.lay(kernel, [OUT])  # type: ignore[arg-type]
    ipv6_rules = [p for _, _, p in kernel.batches[0] if p[0] == 10 and b"payload\0" in p]
    assert len(ipv6_rules) == 2
    queued = [at for at, (_, _, p) in enumerate(kernel.batches[0]) if b"queue\0" in p]
    passing = [at for at, (_, _, p) in enumerate(kernel.batches[0]) if b"immediate\0" in p]
    assert queued[-1] == max(*queued, *passing)
    assert len(passing) == 5  # of each family: what is marked; IGMP; two ranges of ICMPv6
    assert attributes(kernel.batches[0][0][2], 4)[1] == b"socketlab\0"
