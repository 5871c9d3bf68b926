"""Making nodes and networks on an engine, and talking with their holders, for contract tests."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from lab import frames
from lab.allocation import Allocation, Pools, allocate
from lab.model import Attachment, Family, Limits, Network, Node, Program, Topology
from lab.ports import (
    Engine,
    LinkSpec,
    MountSpec,
    NetworkSpec,
    NodeSpec,
    ShareSpec,
    SubnetTakenError,
)
from lab.source import Span

SPAN = Span(Path("contract.yaml"), 1, 1, 1, 2)
_LIMITS = Limits(memory=64 * 1024 * 1024, pids=32)
_PATIENCE = 30.0  # seconds of silence that are too many


class Conversation:
    """The other end of a node's stream."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(_PATIENCE)
        self.socket = sock
        self._engine = frames.EngineDecoder()
        self._holder = frames.Decoder()
        self.events: list[frames.Event] = []

    def say(self, *commands: bytes) -> None:
        """Commands for the holder."""
        self.socket.sendall(b"".join(commands))

    def hear(self, wanted: Callable[[frames.Event], bool]) -> frames.Event | None:
        """Events up to the first that is wanted; None when the stream ends before."""
        seen = 0
        while True:
            for event in self.events[seen:]:
                seen += 1
                if wanted(event):
                    return event
            data = self.socket.recv(65536)
            if not data:
                return None
            for stream, part in self._engine.feed(data):
                assert stream == frames.STDOUT, part
                self.events.extend(self._holder.feed(part))

    def held(self) -> bool:
        """Whether the holder says that it is up."""
        return self.hear(lambda event: isinstance(event, frames.Held)) is not None

    def pinged(self, token: int) -> bool:
        """Whether the holder answers a ping."""
        self.say(frames.ping(token))
        answer = self.hear(lambda event: isinstance(event, frames.Pong) and event.token == token)
        return answer is not None

    def end(self) -> None:
        """End of the holder's stdin, and wait until its stream ends."""
        self.socket.shutdown(socket.SHUT_WR)
        assert self.hear(lambda _: False) is None

    def run(self, process: int, argv: Sequence[str], text: bytes = b"") -> tuple[int | None, str]:
        """Run a program to its end: its status, and all it wrote."""
        self.say(frames.begin(process, argv), frames.send(process, text))
        self.say(frames.close_input(process))
        over = (frames.Ended, frames.NotBegun)
        end = self.hear(lambda e: isinstance(e, over) and e.process == process)
        assert isinstance(end, frames.Ended), end
        return end.status, self.output(process).decode(errors="replace")

    def output(self, process: int) -> bytes:
        """All a program wrote so far, on stdout and stderr."""
        return b"".join(
            event.data
            for event in self.events
            if isinstance(event, (frames.Stdout, frames.Stderr)) and event.process == process
        )


class Bench:
    """One engine, and what a test makes on it; all of it carries this bench's labels."""

    def __init__(self, engine: Engine, run: str) -> None:
        self.engine = engine
        self.labels = {"lab.run": f"contract-{run}", "lab.scenario": "contract"}
        self._run = run
        self._conversations: list[Conversation] = []
        self.allocation: Allocation | None = None

    def name(self, what: str) -> str:
        """The engine's name for a node or network of this bench."""
        return f"lab-{self._run}-{what}"

    def topology(self, family: Family, *nodes: str, networks: int = 1) -> Topology:
        """Nodes that are all on all the networks: net0, net1 ..."""
        names = [f"net{number}" for number in range(networks)]
        links = tuple(Attachment(name, SPAN) for name in names)
        nothing = Program(None, None, None)
        return Topology(
            tuple(Network(name, family, SPAN) for name in names),
            tuple(Node(n, n, nothing, links, ends=True, span=SPAN, limits=_LIMITS) for n in nodes),
        )

    def network_specs(self, topology: Topology) -> tuple[NetworkSpec, ...]:
        """Specs with fresh subnets."""
        native = self.engine.abilities().ipv6_only
        ipv6 = {n.name for n in topology.networks if n.family is Family.IPV6}
        shadows = frozenset(ipv6 if not native else ())
        self.allocation = allocate(topology, Pools(), shadows=shadows, seed=self._run)
        return tuple(
            NetworkSpec(self.name(each.name), each, self.allocation.subnets[each.name], self.labels)
            for each in topology.networks
        )

    def node_specs(self, topology: Topology) -> tuple[NodeSpec, ...]:
        """Specs of the nodes, with the addresses network_specs() has picked."""
        image = self.engine.image(None).reference
        return tuple(self._node_spec(node, image) for node in topology.nodes)

    def _node_spec(self, node: Node, image: str) -> NodeSpec:
        assert self.allocation is not None
        return NodeSpec(
            name=self.name(node.name),
            hostname=node.name,
            image=image,
            links=self.allocation.links(node.name, self.name),
            hosts=self.allocation.hosts(node.name),
            env=(("GREETING", "hello world"),),
            memory=node.limits.memory,
            pids=node.limits.pids,
            cpus=None,
            labels={**self.labels, "lab.node": node.name},
        )

    def alone(
        self, name: str = "alone", *, lasting: bool = False, mounts: Sequence[MountSpec] = ()
    ) -> NodeSpec:
        """A spec of a node on no network at all."""
        self.network_specs(Topology((), ()))
        (spec,) = self.node_specs(self.topology(Family.DUAL, name, networks=0))
        return replace(spec, lasting=lasting, mounts=tuple(mounts))

    def share(self, name: str = "files", size: int = 1 << 20) -> MountSpec:
        """A share, made, at a path of a node."""
        self.engine.create_share(ShareSpec(self.name(name), size, self.labels))
        return MountSpec(self.name(name), "/run/shared")

    def attach(self, name: str) -> Conversation:
        """A conversation with a node, closed at the end."""
        conversation = Conversation(self.engine.attach(name))
        self._conversations.append(conversation)
        return conversation

    def begin(self, spec: NodeSpec) -> Conversation:
        """Create, attach, start; wait until it is held."""
        self.engine.create_node(spec)
        conversation = self.attach(spec.name)
        self.engine.start(spec.name)
        assert conversation.held()
        return conversation

    def deploy(self, topology: Topology) -> dict[str, Conversation]:
        """All of a topology, held."""
        for spec in self.network_specs(topology):
            self.make_network(spec)
        specs = self.node_specs(topology)
        return {
            node.name: self.begin(spec) for node, spec in zip(topology.nodes, specs, strict=True)
        }

    def make_network(self, spec: NetworkSpec) -> None:
        """Create it; a subnet taken by somebody else fails the test with its name."""
        try:
            self.engine.create_network(spec)
        except SubnetTakenError as error:
            raise AssertionError(f"unlucky draw: {error}") from error

    def link(self, network: str, ipv4: str | None, ipv6: str | None) -> LinkSpec:
        """A link by the network's name in the topology."""
        return LinkSpec(self.name(network), ipv4, ipv6)

    def clean(self) -> None:
        """Remove everything of this bench, and hang up."""
        for conversation in self._conversations:
            conversation.socket.close()
        for leftover in self.engine.find(self.labels):
            self.engine.remove(leftover)
