"""A lab.ports.Engine in memory.

Law: refuses what Docker refuses, with the same kinds of errors, so that tests which pass on it
mean something; failures happen where a test asked for them and nowhere else.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from lab.errors import EngineError
from lab.ports import (
    Abilities,
    Capacity,
    Image,
    Leftover,
    NetworkSpec,
    NodeSpec,
    ShareSpec,
    Started,
    SubnetTakenError,
)
from tests.fakes.holder import FakeHolder
from tests.fakes.process import Program
from tests.fakes.programs import PROGRAMS

MODERN = Abilities("28.5.2", (1, 51), ipv6_only=True)

Failures = Mapping[tuple[str, int], Exception]


@dataclass
class FakeNode:
    """A node as the engine knows it. `status` is created, running or exited."""

    spec: NodeSpec
    id: str
    status: str = "created"
    death: str = ""
    holder: FakeHolder | None = None
    attached: list[socket.socket] = field(default_factory=list)
    watchers: dict[int, Callable[[], None]] = field(default_factory=dict)


class FakeEngine:
    """See lab.ports.Engine.

    `failures` are errors by method and how many times it was called by then, from 1:
    {("create_node", 2): EngineError("...")}. `calls` are (method, name), in order of arrival.
    """

    def __init__(
        self,
        programs: Mapping[str, Program] = PROGRAMS,
        *,
        abilities: Abilities = MODERN,
        failures: Failures | None = None,
    ) -> None:
        self.calls: list[tuple[str, str]] = []
        self.nodes: dict[str, FakeNode] = {}
        self.networks: dict[str, NetworkSpec] = {}
        self.joined: set[str] = set()  # networks on whose bridges the host has addresses
        self.shares: dict[str, ShareSpec] = {}
        self.url = "fake://"
        self.closed = False
        self.silent = False  # it answers nobody any more
        self._programs = programs
        self._abilities = abilities
        self._failures = dict(failures or {})
        self._pids = itertools.count(1000)
        self._lock = threading.RLock()

    # -- the port

    def abilities(self) -> Abilities:
        """See lab.ports.Engine."""
        return self._abilities

    def capacity(self) -> Capacity:
        """See lab.ports.Engine. Two CPUs, 8 GB."""
        with self._call("capacity", ""):
            return Capacity(2, 8 * 1024**3)

    def answers(self) -> bool:
        """See lab.ports.Engine; not while it is `silent`."""
        return not self.silent

    def image(self, reference: str | None) -> Image:
        """See lab.ports.Engine. Every image is there."""
        with self._call("image", reference or ""):
            return Image(f"sha256:{reference or 'lab'}", (), ())

    def create_network(self, spec: NetworkSpec) -> str:
        """See lab.ports.Engine. Its host has `joined` it, unless that is modern and it closed."""
        with self._call("create_network", spec.name):
            for other in self.networks.values():
                for subnet in spec.subnets:
                    if any(_overlap(subnet, taken) for taken in other.subnets):
                        raise SubnetTakenError(f"{subnet}: taken by {other.name}")
            self.networks[spec.name] = spec
            if not (self._abilities.ipv6_only and spec.network.internal and not spec.transit):
                self.joined.add(spec.name)
            return self.bridge(spec.name)

    def bridge(self, network: str) -> str:
        """What the bridge of a network is called."""
        return f"br-{network}"

    def create_share(self, spec: ShareSpec) -> None:
        """See lab.ports.Engine."""
        with self._call("create_share", spec.name):
            self.shares[spec.name] = spec

    def create_node(self, spec: NodeSpec) -> None:
        """See lab.ports.Engine. Docker makes a share that is not there, and nobody finds it."""
        with self._call("create_node", spec.name):
            for mount in spec.mounts:
                assert mount.share in self.shares, f"{spec.name} before its share"
            if spec.name in self.nodes:
                raise EngineError(f"cannot create node {spec.name}: the name is in use")
            self.nodes[spec.name] = FakeNode(spec, f"{len(self.calls):064x}")

    def attach(self, node: str) -> socket.socket:
        """See lab.ports.Engine."""
        with self._call("attach", node):
            found = self._node("attach to", node)
            ours, theirs = socket.socketpair()
            if found.holder is not None and found.status == "running":
                found.holder.serve(ours)
            else:
                found.attached.append(ours)
            return theirs

    def start(self, node: str) -> Started:
        """See lab.ports.Engine."""
        with self._call("start", node):
            found = self._node("start", node)
            self._check_links(found)
            found.status = "running"
            found.holder = FakeHolder(
                self._programs,
                lasting=found.spec.lasting,
                changed=lambda: self._changed(found),
                ended=lambda: self._ended(found),
            )
            for sock in found.attached:
                found.holder.serve(sock)
            found.holder.begin()
            return Started(next(self._pids), found.id)

    def death(self, node: str) -> str:
        """See lab.ports.Engine."""
        with self._call("death", node):
            found = self.nodes.get(node)
            if found is None:
                return "somebody removed it"
            alive = "it still runs" if found.status == "running" else "it was never started"
            return found.death or alive

    def remove_node(self, node: str) -> None:
        """See lab.ports.Engine."""
        with self._call("remove_node", node):
            found = self.nodes.pop(node, None)
        if found is None:
            return
        for sock in found.attached:
            sock.close()
        if found.holder is not None:
            found.holder.end()
            found.holder.join()

    def remove_network(self, network: str) -> None:
        """See lab.ports.Engine."""
        with self._call("remove_network", network):
            users = [n for n in self._running() if network in _networks(n)]
            if users:
                raise EngineError(
                    f"cannot remove network {network}: {users[0].spec.name} is connected to it"
                )
            self.networks.pop(network, None)
            self.joined.discard(network)

    def remove_share(self, share: str) -> None:
        """See lab.ports.Engine."""
        with self._call("remove_share", share):
            for node in self.nodes.values():
                if any(mount.share == share for mount in node.spec.mounts):
                    raise EngineError(f"cannot remove share {share}: {node.spec.name} has it")
            self.shares.pop(share, None)

    def find(self, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
        """See lab.ports.Engine."""
        with self._call("find", ""):
            everything = (
                *(
                    Leftover("container", n.id, n.spec.name, n.spec.labels)
                    for n in self.nodes.values()
                ),
                *(Leftover("network", n.name, n.name, n.labels) for n in self.networks.values()),
                *(Leftover("volume", s.name, s.name, s.labels) for s in self.shares.values()),
            )
            return tuple(one for one in everything if carries(one.labels, labels))

    def settle(self, leftover: Leftover) -> None:
        """See lab.ports.Engine. It starts nodes at once."""

    def remove(self, leftover: Leftover, *, wait: bool = True) -> None:
        """See lab.ports.Engine."""
        match leftover.what:
            case "container":
                self.remove_node(leftover.name)
            case "network":
                self.remove_network(leftover.name)
            case "volume":
                self.remove_share(leftover.name)
            case what:
                raise EngineError(f"{leftover.name}: there is no way to remove a {what}")

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        """See lab.ports.Engine. There is none: FakeAgent looks at the nodes itself."""
        with self._call("start_agent", name):
            raise EngineError("a fake engine runs no agent; FakeAgent looks at its nodes")

    def logs(self, node: str) -> bytes:
        """All the holder of a lasting node said."""
        with self._call("logs", node):
            holder = self._node("read the log of", node).holder
            return bytes(holder.log) if holder else b""

    def close(self) -> None:
        """See lab.ports.Engine."""
        self.closed = True

    # -- for tests

    def kill(self, node: str, death: str = "somebody ended it from outside with SIGKILL") -> None:
        """Have a node go away by itself."""
        found = self.nodes[node]
        found.death = death
        if found.holder is not None:
            found.holder.end()

    @property
    def left(self) -> tuple[str, ...]:
        """Names of all that is still there."""
        return (*self.nodes, *self.networks, *self.shares)

    # -- inside

    @contextmanager
    def _call(self, method: str, name: str) -> Iterator[None]:
        with self._lock:
            self.calls.append((method, name))
            number = sum(called == method for called, _ in self.calls)
            failure = self._failures.get((method, number))
            if failure is not None:
                raise failure
            yield

    def _node(self, doing: str, name: str) -> FakeNode:
        found = self.nodes.get(name)
        if found is None:
            raise EngineError(f"cannot {doing} {name}: no such container")
        return found

    def _running(self) -> Iterator[FakeNode]:
        return (node for node in self.nodes.values() if node.status == "running")

    def _check_links(self, node: FakeNode) -> None:
        taken = {
            (link.network, address)
            for other in self._running()
            for link in other.spec.links
            for address in (link.ipv4, link.ipv6)
        }
        for link in node.spec.links:
            network = self.networks.get(link.network)
            if network is None:
                raise EngineError(
                    f"cannot start {node.spec.name}: network {link.network} not found"
                )
            for address in filter(None, (link.ipv4, link.ipv6)):
                if not any(ip_address(address) in ip_network(s) for s in network.subnets):
                    raise EngineError(
                        f"cannot start {node.spec.name}: no subnet contains {address}"
                    )
                if (link.network, address) in taken:
                    raise EngineError(f"cannot start {node.spec.name}: Address already in use")

    def _changed(self, node: FakeNode) -> None:
        for tell in tuple(node.watchers.values()):
            tell()

    def _ended(self, node: FakeNode) -> None:
        node.status = "exited"
        node.death = node.death or "its holder ended with status 0"


def _networks(node: FakeNode) -> set[str]:
    return {link.network for link in node.spec.links}


def _overlap(one: str, other: str) -> bool:
    first, second = ip_network(one), ip_network(other)
    return first.version == second.version and first.overlaps(second)


def carries(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """As an engine filters: '' stands for any value."""
    return all(key in labels and value in ("", labels[key]) for key, value in wanted.items())
