"""What a scenario says, as plain frozen data: networks, nodes, steps, expectations.

Nothing here knows how it is written down, run or judged; engine handles never live here.
Every part carries the span of the line that asked for it.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lab.quantities import Endpoint, Transport
from lab.source.template import Template

if TYPE_CHECKING:
    from lab.ports import Expectation, Step
    from lab.source import Span


__all__ = [
    "EVERYBODY",
    "Attachment",
    "Effects",
    "Endpoint",
    "Family",
    "Impairment",
    "Limits",
    "Mount",
    "Network",
    "Node",
    "NodeExpectation",
    "Program",
    "Scenario",
    "Share",
    "Template",
    "Topology",
    "Transport",
    "Way",
]


class Family(Enum):
    """Address families of a network or a port."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DUAL = "dual"

    @property
    def versions(self) -> tuple[int, ...]:
        """IP versions in use, as 4 and 6."""
        return {"ipv4": (4,), "ipv6": (6,), "dual": (4, 6)}[self.value]


class Network(Struct, frozen=True):
    """One Docker network. `subnets` empty: the run picks them from its pool."""

    name: str
    family: Family
    span: Span
    internal: bool = True
    mtu: int | None = None
    subnets: tuple[str, ...] = ()


class Attachment(Struct, frozen=True):
    """A node's place on a network: a link. `addresses` empty: the run picks them."""

    network: str
    span: Span
    addresses: tuple[str, ...] = ()


class Share(Struct, frozen=True):
    """A directory in memory that several nodes have in common; `size` in bytes."""

    name: str
    span: Span
    size: int = 16 * 1024 * 1024


class Mount(Struct, frozen=True):
    """A share at a node's own path."""

    share: str
    path: str
    span: Span


class Limits(Struct, frozen=True):
    """What a node may use: memory in bytes, processes, CPUs as a fraction of one core."""

    memory: int = 256 * 1024 * 1024
    pids: int = 128
    cpus: float | None = None


class Program(Struct, frozen=True):
    """What runs on a node.

    `image` None means the lab's own image. `command` None means the image's own entrypoint;
    `args` None means the image's own default arguments.
    """

    image: str | None
    command: tuple[str, ...] | None
    args: tuple[Template, ...] | None
    env: tuple[tuple[str, Template], ...] = ()


class Node(Struct, frozen=True):
    """One machine. `group` is the name as written (`client` for `client-2` of a count)."""

    name: str
    group: str
    program: Program
    attachments: tuple[Attachment, ...]
    ends: bool
    span: Span
    service: str | None = None
    listens: tuple[Endpoint, ...] = ()
    ready: tuple[Expectation, ...] = ()
    limits: Limits = Limits()
    forwards: bool = False  # a router: it passes packets on between its networks
    mounts: tuple[Mount, ...] = ()
    traced: Span | None = None  # where it is asked for what system calls its programs make

    @property
    def networks(self) -> frozenset[str]:
        """The names of the networks it is on."""
        return frozenset(link.network for link in self.attachments)


class NodeExpectation(Struct, frozen=True):
    """One expectation on one node, held against it when the run is over."""

    node: str
    expectation: Expectation


EVERYBODY = "*"


class Way(Struct, frozen=True):
    """Packets that `sender` sends: to `receiver`, on `network`; empty: to whom, where it may be.

    A sender EVERYBODY stands for all that could send such packets; see Topology.senders().
    """

    sender: str
    receiver: str = ""
    network: str = ""

    def covers(self, other: Way) -> bool:
        """Whether all packets of the other are of this one."""
        return self.sender == other.sender and all(
            mine in ("", theirs)
            for mine, theirs in ((self.receiver, other.receiver), (self.network, other.network))
        )


class Topology(Struct, frozen=True):
    """The networks, the nodes on them, and the directories that nodes share."""

    networks: tuple[Network, ...]
    nodes: tuple[Node, ...]
    shares: tuple[Share, ...] = ()

    def sharing(self, share: str) -> tuple[tuple[Node, Mount], ...]:
        """The nodes that have a share, each with where it is there."""
        return tuple((n, mount) for n in self.nodes for mount in n.mounts if mount.share == share)

    @property
    def transit(self) -> frozenset[str]:
        """The networks that packets of other networks cross: a router is on each."""
        return frozenset().union(*(node.networks for node in self.nodes if node.forwards))

    def reach(self, name: str) -> frozenset[str]:
        """The networks a node's packets can get to: its own, and others over routers."""
        return self.beyond(self.node(name).networks)

    def beyond(self, networks: frozenset[str]) -> frozenset[str]:
        """The networks that packets of a node on these can get to, these included."""
        reached = networks
        while True:
            further = reached.union(
                *(node.networks for node in self.nodes if node.forwards and node.networks & reached)
            )
            if further == reached:
                return reached
            reached = further

    def senders(self, way: Way) -> tuple[Way, ...]:
        """The way, from each node that can send such packets."""
        return tuple(
            Way(node.name, way.receiver, way.network)
            for node in self.nodes
            if way.sender in (EVERYBODY, node.name)
            and node.name != way.receiver
            and node.networks
            and way.network in ("", *node.networks)
        )

    def node(self, name: str) -> Node:
        """The node of that name; KeyError when there is none."""
        return {node.name: node for node in self.nodes}[name]

    def network(self, name: str) -> Network:
        """The network of that name; KeyError when there is none."""
        return {network.name: network for network in self.networks}[name]


Effects = tuple[tuple[str, object], ...]
"""What happens to packets, by word; each as lab/agent/program/effects.py reads it."""


class Impairment(Struct, frozen=True):
    """Links made bad: what happens to packets that go these ways.

    `transport` and `port` say to which of them; empty and None: to all. `may_miss`: it is no
    error that nothing of it happened to any.
    """

    title: str
    ways: tuple[Way, ...]
    effects: Effects
    span: Span
    transport: str = ""
    port: int | None = None
    may_miss: bool = False


class Scenario(Struct, frozen=True):
    """One case, ready to be planned. `timeout` is in seconds and bounds the whole run."""

    name: str
    path: Path
    intent: str
    tags: tuple[str, ...]
    topology: Topology
    steps: tuple[Step, ...]
    expectations: tuple[NodeExpectation, ...]
    timeout: float = 30.0
    requires: tuple[str, ...] = ()
    span: Span | None = None  # of its intent
    impairments: tuple[Impairment, ...] = ()  # from the start
    seed: str = ""  # what is left to chance follows from it
