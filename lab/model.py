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
    "Attachment",
    "Endpoint",
    "Family",
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

    @property
    def networks(self) -> frozenset[str]:
        """The names of the networks it is on."""
        return frozenset(link.network for link in self.attachments)


class NodeExpectation(Struct, frozen=True):
    """One expectation on one node, held against it when the run is over."""

    node: str
    expectation: Expectation


class Topology(Struct, frozen=True):
    """The networks, the nodes on them, and the directories that nodes share."""

    networks: tuple[Network, ...]
    nodes: tuple[Node, ...]
    shares: tuple[Share, ...] = ()

    def sharing(self, share: str) -> tuple[tuple[Node, Mount], ...]:
        """The nodes that have a share, each with where it is there."""
        return tuple((n, mount) for n in self.nodes for mount in n.mounts if mount.share == share)

    def is_transit(self, network: str) -> bool:
        """Whether packets of other networks cross it: a router is on it."""
        return any(node.forwards and network in node.networks for node in self.nodes)

    def reach(self, name: str) -> frozenset[str]:
        """The networks a node's packets can get to: its own, and others over routers."""
        reached = self.node(name).networks
        while True:
            beyond = reached.union(
                *(node.networks for node in self.nodes if node.forwards and node.networks & reached)
            )
            if beyond == reached:
                return reached
            reached = beyond

    def node(self, name: str) -> Node:
        """The node of that name; KeyError when there is none."""
        return {node.name: node for node in self.nodes}[name]

    def network(self, name: str) -> Network:
        """The network of that name; KeyError when there is none."""
        return {network.name: network for network in self.networks}[name]


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
