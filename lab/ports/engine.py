"""Docker, as far as the lab needs it, and what is said to it and by it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from lab.model import Network


class Abilities(Struct, frozen=True):
    """What an engine is, found out once. `ipv6_only`: networks without IPv4 are native.

    `ipv6`: its kernel has IPv6 at all. `features` are further words that a scenario may require.
    `networks_last`: a network that nodes have left may serve others.
    """

    version: str
    api: tuple[int, int]
    ipv6_only: bool
    kernel: str = ""
    ipv6: bool = True
    features: frozenset[str] = frozenset()
    networks_last: bool = True


class Capacity(Struct, frozen=True):
    """What the engine's machine has: CPUs, and memory in bytes.

    `unbounded`: of what a scenario's `limits:` name, that of which the engine cannot keep nodes
    from taking more.
    """

    cpus: int
    memory: int
    unbounded: frozenset[str] = frozenset()


class NetworkSpec(Struct, frozen=True):
    """A network to make: `subnets` are CIDR strings, at most one of each version."""

    name: str
    network: Network
    subnets: tuple[str, ...]
    labels: Mapping[str, str]
    transit: bool = False  # packets of other networks cross it


class LinkSpec(Struct, frozen=True):
    """One attachment of a node to make: the network's engine name and fixed addresses."""

    network: str
    ipv4: str | None
    ipv6: str | None


class ShareSpec(Struct, frozen=True):
    """A directory to make that nodes share, in memory; `size` in bytes."""

    name: str
    size: int
    labels: Mapping[str, str]


class MountSpec(Struct, frozen=True):
    """A share, by its engine name, at a path of a node; every program there may write to it."""

    share: str
    path: str


class NodeSpec(Struct, frozen=True):
    """A node to make. `hosts` (name, address) become /etc/hosts lines.

    `hostname` is for the agent to set: the engine would answer everybody for it by DNS.
    `forwards`: it is a router. `outside`: it has a way out of the lab, so names the lab does not
    know are asked of the engine's own resolvers; without, such a name fails at once.
    """

    name: str
    hostname: str
    image: str
    links: tuple[LinkSpec, ...]
    hosts: tuple[tuple[str, str], ...]
    env: tuple[tuple[str, str], ...]
    memory: int
    pids: int
    cpus: float | None
    labels: Mapping[str, str]
    lasting: bool = False  # stays when the lab goes away: `lab up`
    tmpfs: int = 16 * 1024 * 1024
    outside: bool = False
    forwards: bool = False
    mounts: tuple[MountSpec, ...] = ()


class Image(Struct, frozen=True):
    """An image whose nodes can be held: its id with the holder, and what it runs by itself."""

    reference: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]


class Started(Struct, frozen=True):
    """A started node: the pid of its holder as the engine's host sees it, and container id."""

    pid: int
    container: str


class Route(Struct, frozen=True):
    """A way to a subnet (CIDR) by the address of a router on the node's own network."""

    destination: str
    gateway: str


class Leftover(Struct, frozen=True):
    """Something of the lab's on the engine; `what` is container, network, volume or image."""

    what: str
    id: str
    name: str
    labels: Mapping[str, str]
    running: bool = False  # a container that runs


class SubnetTakenError(Exception):
    """The engine has another network there already: pick another subnet."""


class Engine(Protocol):
    """Docker, as far as the lab needs it. Every method may raise EngineError."""

    @property
    def url(self) -> str:
        """Where it answers, as in DOCKER_HOST."""
        ...

    def abilities(self) -> Abilities:
        """What this engine is."""
        ...

    def capacity(self) -> Capacity:
        """What its machine has, asked anew each time."""
        ...

    def answers(self) -> bool:
        """Whether it answers at all, now: within 10 seconds."""
        ...

    def image(self, reference: str | None) -> Image:
        """An image made ready to be held; None is the lab's own. EngineError when missing."""
        ...

    def create_network(self, spec: NetworkSpec) -> str:
        """Make it; what its bridge is called on the engine's host. Raises SubnetTakenError."""
        ...

    def create_share(self, spec: ShareSpec) -> None:
        """Make it, empty."""
        ...

    def create_node(self, spec: NodeSpec) -> None:
        """Make it; nothing runs yet. Its shares must be there, its networks before it starts."""
        ...

    def attach(self, node: str) -> socket.socket:
        """The holder's raw stream; call it before start, then nothing can be missed."""
        ...

    def start(self, node: str) -> Started:
        """Start it: networked, its holder waiting."""
        ...

    def death(self, node: str) -> str:
        """Why a node that went away by itself did so, in a sentence."""
        ...

    def remove_node(self, node: str) -> None:
        """Remove it, running or not; removing what is gone is no error."""
        ...

    def remove_network(self, network: str) -> None:
        """Remove it; removing what is gone is no error."""
        ...

    def remove_share(self, share: str) -> None:
        """Remove it, with all that is in it; removing what is gone is no error."""
        ...

    def find(self, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
        """All containers, networks and volumes that carry these labels ('' : any value)."""
        ...

    def settle(self, leftover: Leftover) -> None:
        """Return once a start of this container is over, if one is under way; gone is no error."""
        ...

    def remove(self, leftover: Leftover, *, wait: bool = True) -> None:
        """Remove what find() found; `wait` for nodes that are just leaving a network."""
        ...

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        """Start the agent's privileged container; its stream, multiplexed as a node's.

        The end of the stream is the end of the agent, which the engine then removes.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
