"""The trials, as they run in the emulated machine: what was sent, what came, what was counted.

Law: measures and tells, judges nothing (test_netem does). All is impaired by the agent's own code,
from Wiring down. Times are the kernel's, of when a packet was sent and when it came.
"""

import os
import select
import signal
import socket
import statistics
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

from lab.agent.program import addresses, cables, qdiscs
from lab.agent.program.cables import links
from lab.agent.program.namespaces import enter, inside
from lab.agent.program.netlink import CREATE, ROUTE, Netlink, attribute, attributes
from lab.agent.program.refusal import Refusal
from lab.agent.program.wiring import Wiring

NEAR = {4: "192.0.2.1", 6: "2001:db8::1"}
FAR = {4: "192.0.2.2", 6: "2001:db8::2"}
PORT = 7
_PREFIX = {4: 24, 6: 64}
_LINK = struct.Struct("=BxHiII")
_NEW_LINK, _DELETE_LINK, _DELETE_NEIGHBOUR, _GET_NEIGHBOUR = 16, 17, 29, 30
_TIMESTAMPS = 35  # SO_TIMESTAMPNS

Fact = dict[str, object]


class Bench:
    """A cable from this namespace, far, into another one, near; what near sends is impaired."""

    def __init__(self) -> None:
        self.near = _namespace()
        self.far_route = Netlink(ROUTE)
        _lay_cable(self.far_route, self.near)
        with inside(self.near):
            self.route = Netlink(ROUTE)
            self.wire = _bring_up(self.route, NEAR)
        _bring_up(self.far_route, FAR)
        self.wiring = self._wired()
        self.sink = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.sink.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
        self.sink.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        self.sink.bind(("::", PORT))
        self.sink.settimeout(5)
        self._sources = {version: self._source(version) for version in (4, 6)}
        self.send(4, b"first")  # so that neighbours know each other
        self.send(6, b"first")
        self.came(2)

    def _wired(self) -> Wiring:
        return Wiring(lambda: self.route, lambda: inside(self.near), lambda: enter(self.near))

    def forget(self) -> None:
        """End what impairs, as when the agent forgets a node."""
        self.wiring.close()
        self.wiring = self._wired()

    def _source(self, version: int) -> socket.socket:
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        with inside(self.near):
            made = socket.socket(family, socket.SOCK_DGRAM)
        made.connect((FAR[version], PORT))
        return made

    def impair(self, named: Mapping[str, Mapping[str, object]], *, kernel: bool = True) -> None:
        """Have these alone, by their names."""
        everything: Fact = {"seed": "s", "addresses": [NEAR[4]], "to": None}
        everything |= {"transport": None, "port": None}
        self.wiring.impair({n: {**everything, **each} for n, each in named.items()}, kernel=kernel)

    def report(self) -> Fact:
        """What the agent is told of it."""
        return self.wiring.impaired()

    def send(self, version: int, data: bytes) -> int:
        """From near to far; when, in nanoseconds."""
        now = time.time_ns()
        self._sources[version].send(data)
        return now

    def came(self, count: int) -> list[tuple[bytes, int]]:
        """So many datagrams, each with when it came."""
        found = []
        for _ in range(count):
            data, notes, _, _ = self.sink.recvmsg(70000, 64)
            seconds, nanoseconds = struct.unpack("qq", notes[0][2])
            found.append((data, seconds * 10**9 + nanoseconds))
        return found

    def took(self, version: int, size: int = 20, count: int = 9) -> float:
        """The median of the seconds a lone datagram was on its way."""
        times = []
        for _ in range(count):
            sent = self.send(version, bytes(size))
            [(_, came)] = self.came(1)
            times.append((came - sent) / 1e9)
        return statistics.median(times)

    def left(self) -> Fact:
        """What there is of impairments in near's network."""
        with inside(self.near):
            found = qdiscs.waiting(self.route)
            return {"qdiscs": len(found), "segments": links(self.route)[self.wire].segments}

    def close(self) -> None:
        """Take the cable away, and all that is at its ends."""
        self.wiring.close()
        index = next(i for i, link in links(self.far_route).items() if link.name == "wire0")
        self.far_route.ask(_DELETE_LINK, _LINK.pack(0, 0, index, 0, 0))
        for each in (*self._sources.values(), self.sink):
            each.close()
        self.route.close()
        self.far_route.close()
        os.close(self.near)


if sys.version_info >= (3, 12):

    def _namespace() -> int:
        """A network namespace nobody is in, but for the descriptor."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.unshare(os.CLONE_NEWNET)
        made = os.open("/proc/self/ns/net", os.O_RDONLY)
        enter(home)
        os.close(home)
        return made

else:

    def _namespace() -> int:
        raise NotImplementedError("the emulated machine has a newer Python")


def _lay_cable(netlink: Netlink, into: int) -> None:
    name = attribute(3, b"wire0\0")  # IFLA_IFNAME
    peer = _LINK.pack(0, 0, 0, 0, 0) + name + attribute(28, struct.pack("=i", into))
    veth = attribute(1, b"veth") + attribute(2, attribute(1, peer))
    netlink.ask(_NEW_LINK, _LINK.pack(0, 0, 0, 0, 0) + name + attribute(18, veth), CREATE)


def _bring_up(netlink: Netlink, own: dict[int, str]) -> int:
    for index, link in links(netlink).items():
        with closing(cables.End(index)) as end:
            end.switch(on=True)
        if link.name == "wire0":
            new = [f"{address}/{_PREFIX[version]}" for version, address in own.items()]
            addresses.exchange(netlink, index, new)
            found = index
    return found


# -- the trials


def delay(bench: Bench) -> Fact:
    """Of lone datagrams, of each family, beside what they take unimpaired."""
    found: Fact = {}
    for version in (4, 6):
        before = bench.took(version)
        for asked in (0.01, 0.1):
            bench.impair({"a": {"effects": {"delay": asked}}})
            found[f"ipv{version} {asked}"] = bench.took(version) - before
            bench.impair({})
    return found | bench.report()


def rate(bench: Bench) -> Fact:
    """Seconds from datagram to datagram, of 10,000 or 1,000 bits; of a lone one, also delayed."""
    found: Fact = {}
    before = bench.took(4, 1222)
    for name, size, asked in (("full", 1222, 500_000), ("small", 97, 50_000)):
        bench.impair({name: {"effects": {"rate": asked}, "transport": "udp"}})
        for _ in range(51):
            bench.send(4, bytes(size))
        found[name + " holds"] = bench.wiring.holds()
        times = [when for _, when in bench.came(51)]
        found[name] = (times[-1] - times[0]) / 50e9
    bench.impair({"lone": {"effects": {"rate": 100_000}}})
    found["lone"] = bench.took(4, 1222, 3) - before
    bench.impair({"late": {"effects": {"rate": 100_000, "delay": 0.05}}})
    found["late"] = bench.took(4, 1222, 3) - before
    return found | bench.report()


def by_the_queue(bench: Bench) -> Fact:
    """The same of a lone one, where the kernel may not."""
    before = bench.took(4, 1222)
    bench.impair({"a": {"effects": {"delay": 0.1}}}, kernel=False)
    found: Fact = {"delay": bench.took(4, 1222) - before}
    bench.impair({"b": {"effects": {"rate": 100_000}}}, kernel=False)
    found["lone"] = bench.took(4, 1222, 3) - before
    bench.impair({"c": {"effects": {"rate": 100_000, "delay": 0.05}}}, kernel=False)
    found["late"] = bench.took(4, 1222, 3) - before
    return found | bench.report()


def which(bench: Bench) -> Fact:
    """Several at once that no packet meets two of: each has its own packets."""
    effects: Fact = {"effects": {"delay": 0.2}}
    bench.impair(
        {
            "port": {**effects, "transport": "udp", "port": PORT, "to": [FAR[4]]},
            "other": {**effects, "transport": "udp", "port": 9, "to": [FAR[6]]},
            "tcp": {**effects, "transport": "tcp"},
            "elsewhere": {**effects, "transport": "udp", "to": ["192.0.2.77"]},
        }
    )
    found: Fact = {"four": bench.took(4, count=3), "six": bench.took(6, count=3)}
    bench.send(4, bytes(4000))  # larger than a frame
    bench.came(1)
    return found | bench.report()


def neighbours(bench: Bench) -> Fact:
    """What far needs to know of near, where all that near sends is late."""
    bench.impair({"a": {"effects": {"delay": 1.0}}})
    found: Fact = {}
    for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        _forget_neighbours(bench.far_route, family)
        found[f"ipv{version} forgotten"] = not _knows(bench.far_route, NEAR[version])
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as asker:
            asker.sendto(b"x", (NEAR[version], 9))  # an answer is late, who has it is not
            deadline = time.monotonic() + 0.5
            while not _knows(bench.far_route, NEAR[version]) and time.monotonic() < deadline:
                select.select([], [], [], 0.01)
        found[f"ipv{version} found"] = _knows(bench.far_route, NEAR[version])
    return found


def _neighbours(netlink: Netlink, family: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Each as its message's head, its address, its state."""
    for body in netlink.dump(_GET_NEIGHBOUR, struct.pack("=BxxxiHBB", family, 0, 0, 0, 0)):
        yield body[:12], attributes(body, 12).get(1, b""), struct.unpack_from("=H", body, 8)[0]


def _forget_neighbours(netlink: Netlink, family: int) -> None:
    for head, address, state in _neighbours(netlink, family):
        if not state & 0x40 and len(address) in (4, 16):  # NUD_NOARP
            netlink.ask(_DELETE_NEIGHBOUR, head + attribute(1, address))


def _knows(netlink: Netlink, address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    raw = socket.inet_pton(family, address)
    known = 0x02 | 0x04 | 0x08 | 0x10  # NUD_REACHABLE, STALE, DELAY, PROBE
    return any(a == raw and state & known for _, a, state in _neighbours(netlink, family))


def healing(bench: Bench) -> Fact:
    """What waits when it is healed, what is sent afterwards, and what is left in the end."""
    before = bench.left()
    bench.impair({"a": {"effects": {"delay": 0.5}}})
    sent = bench.send(4, b"late")
    found: Fact = {"holds": bench.wiring.holds(), "during": bench.left()}
    bench.impair({})
    bench.send(4, b"prompt")
    came = bench.came(2)
    found["order"] = [data.decode() for data, _ in came]
    found["late"] = (came[1][1] - sent) / 1e9
    found["holds afterwards"] = bench.wiring.holds()
    found |= bench.report()
    bench.forget()
    return found | {"before": before, "left": bench.left(), "again": bench.took(4)}


def in_turn(bench: Bench) -> Fact:
    """More impairments one after another than there are places."""
    for at in range(20):
        bench.impair({str(at): {"effects": {"delay": 0.001}}})
        bench.took(4, count=1)
    return bench.report()


def segment(bench: Bench) -> Fact:
    """A stream, over a connection of afterwards: how many packets are counted, and how fast."""
    bench.impair({"a": {"effects": {"rate": 8_000_000}, "transport": "tcp"}})
    seconds = _stream(bench, 400_000)
    return bench.report() | {"seconds": seconds}


def connected(bench: Bench) -> Fact:
    """The same over one of before."""
    with _connection(bench):
        bench.impair({"a": {"effects": {"delay": 0.001}}})
        return bench.report()


def router(bench: Bench) -> Fact:
    """What a router sends."""
    with inside(bench.near):
        Path("/proc/sys/net/ipv4/conf/all/forwarding").write_text("1", encoding="ascii")
    bench.impair({"a": {"effects": {"delay": 0.001}}})
    bench.took(4, count=2)
    return bench.report()


def orphaned(bench: Bench) -> Fact:
    """What becomes of packets when the process that had them impaired is killed."""
    bench.impair({"a": {"effects": {"delay": 0.1}}})
    [child] = Path("/proc/thread-self/children").read_text(encoding="ascii").split()
    os.kill(int(child), signal.SIGKILL)
    found: Fact = {"delay": bench.took(4, count=3)}
    try:
        bench.report()
    except Refusal as refusal:
        found["said"] = refusal.what
    return found


def from_one_to_the_other(bench: Bench) -> Fact:
    """A link is slow; while packets wait for it, others are to be lost, too."""
    slow: Fact = {"effects": {"rate": 100_000}, "transport": "udp"}
    bench.impair({"slow": slow})
    for at in range(5):
        bench.send(4, b"%d" % at + bytes(1221))
    lossy: Fact = {"effects": {"loss": {"nth": [2]}}, "transport": "udp"}
    bench.impair({"slow": slow, "lossy": lossy})
    for at in range(5, 8):
        bench.send(4, b"%d" % at + bytes(1221))
    came = bench.came(7)
    gaps = [(b - a) / 1e9 for (_, a), (_, b) in pairwise(came)]
    order = "".join(data[:1].decode() for data, _ in came)
    return bench.report() | {"order": order, "gaps": gaps}


@contextmanager
def _connection(bench: Bench) -> Iterator[tuple[socket.socket, socket.socket]]:
    """From near to far."""
    with closing(socket.create_server((FAR[4], 9))) as server:
        with inside(bench.near):
            client = socket.socket()
        client.connect((FAR[4], 9))
        accepted, _ = server.accept()
        with closing(client), closing(accepted):
            yield client, accepted


def _stream(bench: Bench, size: int) -> float:
    with _connection(bench) as (client, server):
        sender = threading.Thread(target=client.sendall, args=(bytes(size),))
        sender.start()
        left, begun = size, 0.0
        while left:
            select.select([server], [], [])
            left -= len(server.recv(65536))
            begun = begun or time.monotonic()
        sender.join()
        return time.monotonic() - begun


TRIALS: dict[str, Callable[[Bench], Fact]] = {
    trial.__name__: trial
    for trial in (
        delay, rate, by_the_queue, which, neighbours, healing, in_turn, segment, connected,
        router, orphaned, from_one_to_the_other,
    )
}  # fmt: skip
