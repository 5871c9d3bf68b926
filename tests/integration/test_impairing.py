"""Impairments in the kernel: two namespaces with a cable between them, and the agent at one end.

What is measured is held against the same without an impairment, a moment before.
"""

from __future__ import annotations

import ast
import os
import select
import signal
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.agent.child import ChildAgent
from lab.errors import EngineError
from lab.ports import Impaired
from tests.integration.test_agent import LIMIT, ROOT, Node, running

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not ROOT, reason="the child agent is for root on Linux only"),
]

NAMESPACES = ("--net", "--pid", "--mount", "--mount-proc")
FAMILIES = {"ipv4": ("192.0.2.1", "192.0.2.2"), "ipv6": ("2001:db8::1", "2001:db8::2")}
OWN = ("192.0.2.1",)

# Sends back each datagram; tells, when it is asked, the numbers of all that came and in what time.
ECHO = """
import socket, struct
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE: what is lost is lost on the way
server.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS: when the kernel took it
server.bind(("::", 7))
print("ready", flush=True)
came, begun, last = [], 0.0, 0.0
while True:
    data, found, _, peer = server.recvmsg(70000, 64)
    if data == b"tell":
        server.sendto(repr((came, last - begun)).encode(), peer)
        came = []
        continue
    seconds, nanoseconds = struct.unpack("qq", found[0][2])
    last = seconds + nanoseconds / 1e9
    begun = begun if came else last
    came.append(int(data.split()[0]))
    server.sendto(data, peer)
"""
# Sends numbered datagrams; of each the seconds until its answer, or None.
ASK = """
import socket, sys, time
host, count, size, wait = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
client = socket.socket(family, socket.SOCK_DGRAM)
client.connect((host, 7))
client.settimeout(wait)
took = []
for number in range(1, count + 1):
    text = (b"%d " % number).ljust(size, b"x")
    begun = time.monotonic()
    client.send(text)
    try:
        while client.recv(70000) != text:
            pass
        took.append(time.monotonic() - begun)
    except TimeoutError:
        took.append(None)
print(took)
"""
# As ping(8) does; the kernel answers, and says when an answer came, so that no program's waiting
# for its turn is measured.
PING = """
import socket, struct, sys, time
host, count = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
six = family == socket.AF_INET6
protocol = socket.getprotobyname("ipv6-icmp" if six else "icmp")
client = socket.socket(family, socket.SOCK_RAW, protocol)
client.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
client.settimeout(5)
took = []
for number in range(count):
    text = struct.pack("!BBHHH", 128 if six else 8, 0, 0, 4711, number)
    total = sum(struct.unpack("!4H", text))
    check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    begun = time.time_ns()
    client.sendto(text[:2] + struct.pack("!H", check) + text[4:], (host, 0))
    while True:
        data, found, _, _ = client.recvmsg(2048, 64)
        data = data if six else data[20:]
        if data[0] in (0, 129) and data[4:8] == text[4:8]:
            break
    seconds, nanoseconds = struct.unpack("qq", found[0][2])
    took.append((seconds * 10**9 + nanoseconds - begun) / 1e9)
print(took)
"""
SEND = """
import socket, sys
host, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
client = socket.socket(family, socket.SOCK_DGRAM)
client.connect((host, 7))
for number in range(1, count + 1):
    client.send((b"%d " % number).ljust(size, b"x"))
"""


@dataclass
class Cable:
    """Two nodes, `near` and `far`; what near sends can be impaired."""

    agent: ChildAgent
    near: Node
    far: Node
    impairments: int = 0

    def inside(self, node: Node, *argv: str) -> str:
        """What a command says that is run in a node's network."""
        command = ["nsenter", "-n", "-t", str(node.started.pid), *argv]
        return subprocess.run(
            command, check=True, text=True, stdout=subprocess.PIPE, timeout=60
        ).stdout

    def ask(self, host: str, count: int, size: int = 20, wait: float = 2.0) -> list[float | None]:
        """How long each answer took."""
        argv = ("python3", "-c", ASK, host, str(count), str(size), str(wait))
        found: list[float | None] = ast.literal_eval(self.inside(self.near, *argv))
        return found

    def ping(self, host: str, count: int = 20) -> float:
        """The median of how long an answer took."""
        said = self.inside(self.near, "python3", "-c", PING, host, str(count))
        return float(statistics.median(ast.literal_eval(said)))

    def send(self, host: str, count: int, size: int = 20) -> None:
        """Send so many numbered datagrams, as fast as can be."""
        self.inside(self.near, "python3", "-c", SEND, host, str(count), str(size))

    def impair(self, to: Sequence[str] | None = None, only: str = "", **effects: object) -> str:
        """Have this impairment alone; its name."""
        self.impairments += 1
        name = str(self.impairments)
        where = None if to is None else tuple(to)
        written = Impaired("seed", OWN, tuple(effects.items()), where, only)
        self.agent.impair("near", {name: written})
        return name


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    with ExitStack() as stack:
        agent = ChildAgent()
        stack.callback(agent.close)
        near = stack.enter_context(running(tmp_path, *NAMESPACES))
        far = stack.enter_context(running(tmp_path, *NAMESPACES))
        ends = [str(node.started.pid) for node in (near, far)]
        veth = ["wire0", "netns", ends[0], "type", "veth", "peer", "name", "wire0", "netns"]
        subprocess.run(["ip", "link", "add", *veth, ends[1]], check=True)
        for node, number in ((near, 1), (far, 2)):
            node.do(
                "ip('link set lo up')",
                "ip('link set wire0 up')",
                f"ip('address add 192.0.2.{number}/24 dev wire0')",
                f"ip('address add 2001:db8::{number}/64 dev wire0 nodad')",
            )
        for key, node in (("near", near), ("far", far)):
            agent.adopt(key, node.started)
        server = ["nsenter", "-n", "-t", ends[1], "python3", "-c", ECHO]
        echo = stack.enter_context(subprocess.Popen(server, stdout=subprocess.PIPE, text=True))
        stack.callback(echo.kill)
        assert echo.stdout is not None
        assert echo.stdout.readline() == "ready\n"
        yield Cable(agent, near, far)


@pytest.mark.parametrize("family", FAMILIES)
def test_delay_is_what_was_asked_within_2_ms_or_5_percent(cable: Cable, family: str) -> None:
    peer = FAMILIES[family][1]
    before = cable.ping(peer)
    for asked in (0.01, 0.1):
        cable.impair(delay=asked)
        assert cable.ping(peer) - before == pytest.approx(asked, abs=max(0.002, 0.05 * asked))


@pytest.mark.parametrize("family", FAMILIES)
def test_exactly_the_nth_are_lost(cable: Cable, family: str) -> None:
    name = cable.impair(loss={"every": 4})
    took = cable.ask(FAMILIES[family][1], 20, wait=0.3)
    assert [at for at, each in enumerate(took, start=1) if each is None] == [4, 8, 12, 16, 20]
    assert cable.agent.impaired("near")[name].counts == {"seen": 20, "loss": 5}


def test_a_share_is_lost_within_its_binomial_bounds_and_the_same_again(cable: Cable) -> None:
    peer = FAMILIES["ipv4"][1]
    lost = []
    for _ in range(2):
        name = cable.impair(only="udp", loss={"share": 0.2})
        cable.send(peer, 500)
        count = cable.agent.impaired("near")[name].counts
        assert count["seen"] == 500
        assert abs(count["loss"] - 100) < 4.5 * 9  # the deviation is 8.9
        lost.append(arrived(cable)[0])
    assert lost[0] == lost[1]
    assert len(lost[0]) == 500 - count["loss"]


TELL = """
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.sendto(b"tell", (sys.argv[1], 7))
print(client.recv(70000).decode())
"""


def arrived(cable: Cable) -> tuple[list[int], float]:
    """The numbers of all that came to the echo since it was asked last, and in what time."""
    cable.impair(delay=0)
    said = cable.inside(cable.near, "python3", "-c", TELL, FAMILIES["ipv4"][1])
    found: tuple[list[int], float] = ast.literal_eval(said)
    return found


def test_a_rate_is_kept_within_10_percent(cable: Cable) -> None:
    name = cable.impair(only="udp", rate=500_000)
    cable.send(FAMILIES["ipv4"][1], 51, size=1222)  # 10,000 bits each, headers and all
    while cable.agent.impaired("near")[name].counts["seen"] < 51 or not cable.agent.idle(["near"]):
        cable.inside(cable.near, "true")  # something that takes its time
    came, seconds = arrived(cable)
    assert came == list(range(1, 52))
    assert seconds / 50 == pytest.approx(0.02, rel=0.1)


def test_doubled_spoilt_and_overtaken_ones(cable: Cable) -> None:
    peer = FAMILIES["ipv6"][1]
    for effect, came in (
        ("duplicate", [1, 2, 2, 3, 4]),
        ("corrupt", [1, 3, 4]),
        ("reorder", [1, 3, 2, 4]),
    ):
        cable.impair(None, "udp", **{effect: {"nth": [2]}})
        cable.send(peer, 4)
        found, _ = arrived(cable)
        assert (sorted(found) if effect == "duplicate" else found) == came, effect


def test_what_is_larger_than_a_frame_is_one_packet(cable: Cable) -> None:
    name = cable.impair(delay=0.01, loss={"nth": [2]})
    took = cable.ask(FAMILIES["ipv4"][1], 3, size=4000, wait=0.5)
    assert [each is None for each in took] == [False, True, False]
    assert cable.agent.impaired("near")[name].counts["seen"] == 3


def test_only_what_goes_to_the_peer(cable: Cable) -> None:
    cable.impair(to=["192.0.2.77"], loss={"every": 1})
    assert None not in cable.ask(FAMILIES["ipv4"][1], 5)


def test_neighbours_find_each_other_where_all_else_is_spoilt(cable: Cable) -> None:
    name = cable.impair(corrupt={"every": 1})
    for family in FAMILIES:
        peer = FAMILIES[family][1]
        cable.near.do("ip('neigh flush dev wire0')")
        assert cable.ask(peer, 1, wait=0.5) == [None]
        assert "lladdr" in cable.inside(cable.near, "ip", "neigh", "show", peer)
    assert cable.agent.impaired("near")[name].counts == {"seen": 2, "corrupt": 2}


SERVE = """
import socket
server = socket.create_server(("", 9))
print("up", flush=True)
connection, _ = server.accept()
print(sum(map(len, iter(lambda: connection.recv(65536), b""))))
"""
STREAM = """
import socket
socket.create_connection(("192.0.2.2", 9)).sendall(bytes(200_000))
"""


def test_tcp_comes_through_whole_though_segments_are_lost(cable: Cable) -> None:
    name = cable.impair(loss={"share": 0.1})
    server = subprocess.Popen(
        ["nsenter", "-n", "-t", str(cable.far.started.pid), "python3", "-c", SERVE],
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout is not None
        assert server.stdout.readline() == "up\n"
        cable.inside(cable.near, "python3", "-c", STREAM)
        assert server.stdout.readline() == "200000\n"
    counts = cable.agent.impaired("near")[name].counts
    assert counts["loss"] > 0
    assert counts["seen"] > 200_000 // 1448  # segments as on the wire, not what offload makes


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_if_who_impairs_dies_nothing_passes_and_it_is_told(cable: Cable) -> None:
    cable.impair(delay=0.001)
    assert None not in cable.ask(FAMILIES["ipv4"][1], 1)
    [impairer] = children(cable.agent.pid)
    os.kill(impairer, signal.SIGKILL)
    assert cable.ask(FAMILIES["ipv4"][1], 3, wait=0.2) == [None] * 3
    with pytest.raises(EngineError, match="has ended"):
        cable.agent.impaired("near")


def test_when_the_agent_ends_all_is_healed(cable: Cable) -> None:
    cable.impair(loss={"every": 1})
    assert cable.ask(FAMILIES["ipv4"][1], 1, wait=0.2) == [None]
    [impairer] = children(cable.agent.pid)
    ended = os.pidfd_open(impairer)
    os.kill(cable.agent.pid, signal.SIGKILL)
    assert select.select([ended], [], [], LIMIT)[0]
    os.close(ended)
    assert None not in cable.ask(FAMILIES["ipv4"][1], 3)


def test_nothing_counts_as_idle_while_a_packet_is_held(cable: Cable) -> None:
    cable.impair(delay=3)
    cable.send(FAMILIES["ipv4"][1], 1)
    assert not cable.agent.idle(["near"])
