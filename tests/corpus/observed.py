"""Observations written down, for judging what nobody needs to run."""

import re
import socket
from array import array
from dataclasses import dataclass
from pathlib import Path

from dpkt import arp, ethernet, icmp, icmp6, ip, ip6, tcp, udp
from dpkt.dpkt import Packet as Layer
from msgspec.structs import replace

from lab.events import (
    AddressEntry,
    Capture,
    Exit,
    NodeObservation,
    Packet,
    ProcessEntry,
    ProcessRecord,
    SocketEntry,
    State,
    Times,
)
from lab.kinds.registry import decode_expectation
from lab.model import Endpoint
from lab.ports import Expectation
from lab.quantities import parse_endpoint
from lab.source.located import Mapping, Scalar
from lab.source.reader import read
from lab.source.scope import Scope
from lab.strace import Reader

_TOOK = re.compile(r"<(?:unfinished \.\.\.|[0-9.]+)>$")

BINDINGS = {
    "talker.ip": "2001:db8::2",
    "odd.ip": "a.b*[c",
    "talker.lan.ipv6": "2001:db8::2",
    "node.lan.ipv6": "2001:db8::3",
    "node.lan.ipv4": "192.0.2.3",
}


def expectation(text: str, *, awaiting: bool = False) -> Expectation:
    """The one expectation of a YAML text such as `exit: 0`."""
    document, problems = read(Path("x.yaml"), text.encode())
    assert isinstance(document, Mapping)
    ((key, value),) = document.pairs
    assert isinstance(key, Scalar)
    try:
        return decode_expectation(key.text, value, Scope(problems, awaiting=awaiting))
    finally:
        problems.end_phase()


@dataclass(frozen=True)
class Program:
    """Short ways to write a program's record; `truncated` is its stdout."""

    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False

    def running(self) -> NodeObservation:
        record = ProcessRecord(
            ("p",), State.RUNNING, None, self.stdout, self.stderr, stdout_truncated=self.truncated
        )
        return NodeObservation("node", record, started=True)

    def ended(self, status: int | None = 0, signal: int | None = None) -> NodeObservation:
        record = ProcessRecord(
            ("p",),
            State.ENDED,
            Exit(status if signal is None else None, signal),
            self.stdout,
            self.stderr,
            stdout_closed=True,
            stderr_closed=True,
            stdout_truncated=self.truncated,
        )
        return NodeObservation("node", record, started=True)

    def orphaned(self) -> NodeObservation:
        """Ended, its output still held open by a child."""
        record = ProcessRecord(("p",), State.ENDED, Exit(0), self.stdout, self.stderr)
        return NodeObservation("node", record, started=True)


def wrote(stdout: bytes = b"", stderr: bytes = b"", *, truncated: bool = False) -> Program:
    """A program that wrote this."""
    return Program(stdout, stderr, truncated)


def timed(*chunks: tuple[float, bytes], ended: bool = False) -> NodeObservation:
    """A program that wrote these bytes at these times, in seconds."""
    ends, times, data = array("Q"), array("d"), b""
    for time, part in chunks:
        data += part
        ends.append(len(data))
        times.append(time)
    program = wrote(data).ended() if ended else wrote(data).running()
    record = replace(program.program, stdout_times=Times(ends, times))
    return replace(program, program=record)


def beside(seen: NodeObservation, **peers: NodeObservation) -> NodeObservation:
    """The observation, with other nodes' programs."""
    return replace(seen, peers={name: peer.program for name, peer in peers.items()})


def traced(*lines: str, running: bool = False, lost: str = "") -> NodeObservation:
    """A program that made these calls, each as strace writes it, one every 10 ms by process 7.

    A line may begin with the number of another process, and end with how long it took.
    """
    reader = Reader()
    for at, line in enumerate(('execve("/p", ["p"], 0x1) = 0', *lines)):
        pid, call = line.split(" ", 1) if line[0].isdigit() else ("7", line)
        took = "" if _TOOK.search(call) else " <0.000001>"
        reader.feed(f"{pid} {at / 100:.6f} {call}{took}\n", 0.0)
    assert not reader.lost, reader.lost
    seen = wrote().running() if running else wrote().ended()
    record = replace(seen.program, calls=reader.calls, calls_lost=lost, calls_over=not running)
    return replace(seen, program=record)


def limited(seen: NodeObservation, *reached: str) -> NodeObservation:
    """The observation of a node whose limits were met."""
    return replace(seen, program=replace(seen.program, reached=reached))


def crowded() -> NodeObservation:
    """A program that could not begin: there was no room for it."""
    reason = "cannot run p: Resource temporarily unavailable"
    record = ProcessRecord(
        ("p",), State.ENDED, reason=reason, stdout_closed=True, stderr_closed=True
    )
    return NodeObservation("node", record, started=True)


def held() -> NodeObservation:
    """A node whose program was never begun."""
    return NodeObservation("node")


def lost() -> NodeObservation:
    """A node the lab can no longer tell anything of."""
    record = ProcessRecord(("p",), State.LOST, reason="its container is gone")
    return NodeObservation("node", record, started=True)


def with_sockets(*rows: str) -> NodeObservation:
    """`LISTEN tcp/0.0.0.0:80`, and connected ones as `ESTAB local remote`."""
    return NodeObservation(
        "node", ProcessRecord(("p",), State.RUNNING), sockets=tuple(map(_socket, rows))
    )


def _socket(row: str) -> SocketEntry:
    state, local, *remote = row.split()
    peer: Endpoint | None = parse_endpoint(remote[0]) if remote else None
    return SocketEntry(parse_endpoint(local), peer, state)


def with_processes(*rows: str) -> NodeObservation:
    """`1 holder S`, `7 server Z`."""
    entries = [row.split() for row in rows]
    return NodeObservation(
        "node",
        ProcessRecord(("p",), State.RUNNING),
        processes=tuple(ProcessEntry(int(p), 0, s, c) for p, c, s in entries),
    )


def with_addresses(*rows: str) -> NodeObservation:
    """`eth0 192.0.2.1/24 global`."""
    entries = []
    for row in rows:
        interface, address, scope = row.split()
        host, _, prefix = address.partition("/")
        version = 6 if ":" in host else 4
        entries.append(AddressEntry(interface, version, host, int(prefix), scope))
    return NodeObservation("node", ProcessRecord(("p",), State.RUNNING), addresses=tuple(entries))


def with_packets(*frames: bytes, gap: str = "") -> NodeObservation:
    """A node whose link was crossed by these; it sent those that come from its own address."""
    own = (_raw(BINDINGS["node.lan.ipv6"]), _raw(BINDINGS["node.lan.ipv4"]))
    packets = tuple(
        Packet(
            float(at), "node", "lan", frame[22:38] in own or frame[26:30] in own, frame, len(frame)
        )
        for at, frame in enumerate(frames)
    )
    return replace(wrote().running(), capture=Capture(packets, gap))


TALKER, NODE = BINDINGS["talker.lan.ipv6"], BINDINGS["node.lan.ipv6"]
NODE4 = BINDINGS["node.lan.ipv4"]


def datagram(source: str, target: str, size: int, port: int = 4950) -> bytes:
    """UDP from port 40000."""
    return framed(source, target, udp.UDP(sport=40000, dport=port, ulen=8 + size, data=bytes(size)))


def segment(
    source: str, target: str, flags: str, *, size: int = 0, sequence: int = 100, ports: str = ""
) -> bytes:
    """TCP from port 40000 to 3490, or `back`."""
    bits = {"SYN": 2, "ACK": 16, "FIN": 1, "RST": 4}
    sport, dport = (3490, 40000) if ports == "back" else (40000, 3490)
    number = sum(bits[name] for name in flags.split("+"))
    layer = tcp.TCP(sport=sport, dport=dport, flags=number, seq=sequence, data=bytes(size))
    return framed(source, target, layer)


def unreachable(source: str, target: str) -> bytes:
    """That the port is, in ICMP of the addresses' version."""
    quoted = datagram(target, source, 4)[14:]
    if ":" in source:
        return framed(source, target, icmp6.ICMP6(type=1, code=4, data=bytes(4) + quoted))
    return framed(source, target, icmp.ICMP(type=3, code=3, data=bytes(4) + quoted))


def asked_by_arp(source: str, target: str) -> bytes:
    """Who has the target?"""
    layer = arp.ARP(spa=_raw(source), tpa=_raw(target))
    return bytes(ethernet.Ethernet(type=0x0806, data=layer))


def framed(source: str, target: str, layer: Layer) -> bytes:
    """In an IP packet in a frame."""
    data = bytes(layer)
    kinds: dict[type[Layer], int] = {tcp.TCP: 6, udp.UDP: 17, icmp.ICMP: 1, icmp6.ICMP6: 58}
    kind = kinds[type(layer)]
    sides = {"src": _raw(source), "dst": _raw(target)}
    if ":" in source:
        packet = ip6.IP6(nxt=kind, plen=len(data), data=data, **sides)
        return bytes(ethernet.Ethernet(type=0x86DD, data=bytes(packet)))
    packet = ip.IP(p=kind, len=20 + len(data), data=data, **sides)
    return bytes(ethernet.Ethernet(type=0x0800, data=bytes(packet)))


def _raw(address: str) -> bytes:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address)
