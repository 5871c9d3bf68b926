"""What the agent captures of real interfaces: all of it, in order, each packet at its place."""

import os
import signal
import struct
import time
from collections import Counter

import pytest

from lab.agent.child import ChildAgent
from lab.errors import EngineError
from lab.events import Capture, Fact, Packet
from lab.ports import Crossing
from tests.integration.test_agent import ROOT, Node, comes, node

__all__ = ["node"]
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not ROOT, reason="the child agent is for root on Linux only"),
]

NETWORKS = {"lan": ["fd00:1::/64", "10.1.0.0/24"], "wan": ["fd00:2::/64"]}
ETHERNETS = (
    "ip('link add va address 02:00:00:00:00:0a type veth peer name vb address 02:00:00:00:00:0b')",
    "ip('addr add fd00:1::2/64 dev va nodad'); ip('addr add fd00:2::2/64 dev vb nodad')",
    "ip('link set vb up'); ip('link set va up')",  # the last one carries at once
    "raw = socket(AF_PACKET, SOCK_RAW, 0); raw.bind(('va', 0))",
)
HEAD = bytes.fromhex("02000000000b 02000000000a")
MARK = 0x88B5  # an EtherType for experiments: nothing else has it


def frame(payload: bytes, ethertype: int = MARK) -> bytes:
    """From va to vb."""
    return HEAD + struct.pack("!H", ethertype) + payload


def marked(capture: Capture, ethertype: int = MARK) -> list[Packet]:
    """The packets of a test, without what kernels say to each other."""
    return [p for p in capture.packets if p.data[12:14] == struct.pack("!H", ethertype)]


def begin(agent: ChildAgent, what: Crossing, budget: str = "run") -> None:
    agent.capture("node", what, NETWORKS, budget=budget)


def send(node: Node, *frames: bytes) -> None:
    node.do(*(f"raw.send({each!r})" for each in frames))


def test_both_directions_each_under_its_networks_name(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    before = time.monotonic()
    send(node, frame(b"one"), frame(b"x" * 1400))
    capture = agent.packets("node", "talker")
    seen = marked(capture)
    assert capture.whole, capture.gap
    assert [(p.node, p.network, p.outgoing, p.data, p.length) for p in seen] == [
        ("talker", network, outgoing, data, len(data))
        for data in (frame(b"one"), frame(b"x" * 1400))
        for network, outgoing in (("lan", True), ("wan", False))
    ]
    assert all(before <= p.time <= time.monotonic() for p in seen)
    assert abs(capture.epoch + seen[0].time - time.time()) < 60
    assert agent.packets("node", "talker").packets == ()


def test_what_is_for_others_and_what_crosses_lo_is_left_out(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    send(node, bytes.fromhex("020000000099") + frame(b"for another")[6:])
    node.do("udp(AF_INET, '127.0.0.1', 1).sendto(b'x', ('127.0.0.1', 2))")
    capture = agent.packets("node", "talker")
    assert [p.outgoing for p in marked(capture)] == [True]
    assert marked(capture, 0x0800) == []


def test_a_flood_is_captured_whole_and_holds_no_question_up(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    count = 60_000
    node.begin(f"for n in range({count}): raw.send({HEAD!r} + b'\\x88\\xb5' + n.to_bytes(4))")
    capture, seen = Capture(), Counter[bool]()
    while seen[False] < count:
        assert agent.look("node", frozenset({Fact.ADDRESSES}))
        capture = agent.packets("node", "talker")
        assert capture.whole, capture.gap
        seen.update(p.outgoing for p in marked(capture))
    assert seen == {True: count, False: count}


def test_packets_are_told_of(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    seen: list[Packet] = []

    def come() -> bool:
        seen.extend(marked(agent.packets("node", "talker")))
        return bool(seen)

    node.begin(f"raw.send({frame(b'later')!r})")
    assert comes(agent, frozenset({Fact.PACKETS}), come)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (frame(b"\x45" + bytes(40), 0x0800), True),
        (frame(bytes(28), 0x0806), True),
        (frame(b"\x60" + bytes(5) + b"\x11" + bytes(33) + b"\0\x35" + bytes(6), 0x86DD), True),
        (frame(b"\x60" + bytes(5) + b"\x06" + bytes(33) + b"\0\x35" + bytes(6), 0x86DD), True),
        (frame(b"\x60" + bytes(5) + b"\x11" + bytes(33) + b"\1\x35" + bytes(6), 0x86DD), False),
        (frame(b"\x60" + bytes(5) + b"\x3a" + bytes(33) + b"\0\x35" + bytes(6), 0x86DD), False),
        (frame(b"something"), False),
    ],
    ids=["ipv4", "arp", "dns", "dns-over-tcp", "udp", "icmpv6", "other"],
)
def test_strays(agent: ChildAgent, node: Node, sent: bytes, *, kept: bool) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.STRAYS)
    send(node, sent)
    capture = agent.packets("node", "talker")
    assert capture.whole
    assert [p.data for p in capture.packets if p.outgoing] == ([sent] if kept else [])


def test_what_the_engines_name_server_says_on_lo_is_kept(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS, "server = udp(AF_INET, '127.0.0.11', 53)")
    begin(agent, Crossing.STRAYS)
    node.do(
        "client = udp(AF_INET, '127.0.0.1', 4000)",
        "client.sendto(b'who is talker', ('127.0.0.11', 53))",
        "server.sendto(b'nobody', ('127.0.0.1', 4000))",
    )
    payloads = {p.data[42:] for p in agent.packets("node", "talker").packets}
    assert payloads == {b"nobody"}


def test_more_than_it_may_keep_is_no_whole_capture(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS, "ip('link set va mtu 65000'); ip('link set vb mtu 65000')")
    begin(agent, Crossing.LINKS)
    node.do(f"for n in range(560): raw.send({HEAD!r} + b'\\x88\\xb5' + bytes(60000))")
    capture = agent.packets("node", "talker")
    assert capture.gap == "more than 64 MiB crossed the links"
    assert sum(len(p.data) for p in capture.packets) <= 64 << 20


def test_packets_the_kernel_dropped_are_missed(agent: ChildAgent, node: Node) -> None:
    """Nobody reads while the agent is stopped."""
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    os.kill(agent.pid, signal.SIGSTOP)
    node.do(f"for n in range(120000): raw.send({HEAD!r} + b'\\x88\\xb5' + bytes(60))")
    os.kill(agent.pid, signal.SIGCONT)
    capture = agent.packets("node", "talker")
    assert capture.gap.startswith("the kernel dropped ")


def test_an_interface_that_comes_later_is_captured_from_its_first_packet(
    agent: ChildAgent, node: Node
) -> None:
    begin(agent, Crossing.LINKS)
    node.do(*ETHERNETS)
    assert networks_of_one(agent, node) == {"lan", "wan"}
    node.do("raw.close(); ip('link del va')")
    node.do(*(each.replace("fd00:2:", "fd00:1:") for each in ETHERNETS))
    assert networks_of_one(agent, node) == {"lan"}


def networks_of_one(agent: ChildAgent, node: Node) -> set[str]:
    """Of a frame; sent until it crosses: a new interface takes the kernel up to a second."""
    seen: list[Packet] = []
    while not seen:
        send(node, frame(b"x"))
        capture = agent.packets("node", "talker")
        assert capture.whole, capture.gap
        seen = marked(capture)
    return {packet.network for packet in seen}


def test_what_was_captured_before_a_node_ended_is_there(agent: ChildAgent, node: Node) -> None:
    node.do(*ETHERNETS)
    begin(agent, Crossing.LINKS)
    send(node, frame(b"last words"))
    node.kill()
    capture = agent.packets("node", "talker")
    assert capture.whole
    assert len(marked(capture)) == 2


def test_a_node_is_captured_once_and_only_on_a_network_of_its_own(
    agent: ChildAgent, node: Node
) -> None:
    with pytest.raises(EngineError, match="nothing is captured"):
        agent.packets("node", "talker")
    begin(agent, Crossing.LINKS)
    with pytest.raises(EngineError, match="captured already"):
        begin(agent, Crossing.LINKS)
    agent.forget("node")
    agent.adopt("node", node.started)
    begin(agent, Crossing.LINKS)
