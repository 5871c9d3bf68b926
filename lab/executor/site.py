"""A plan's things on an engine: made, wired and removed, operation by operation.

Law: does what an operation says and nothing else. What was begun is remembered before it is
begun, so that whatever happens can be undone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import suppress

from lab.allocation import Allocation, Kept
from lab.errors import EngineError
from lab.executor.clocks import agreed
from lab.executor.impairing import Impairing
from lab.executor.links import LiveLinks
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.names import RunNames
from lab.executor.node_spec import node_spec
from lab.executor.pulse import Pulse
from lab.executor.recording import Recording
from lab.model import Node, Scenario
from lab.plan import (
    AdoptNode,
    AttachNode,
    CaptureNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    ImpairNode,
    IsolateNetwork,
    Operation,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
    TraceNode,
)
from lab.ports import (
    Agent,
    Engine,
    Image,
    NetworkSpec,
    ShareSpec,
    SubnetTakenError,
)


class Site:
    """Where a run's nodes and networks are. perform() may be called from several threads."""

    def __init__(
        self,
        engine: Engine,
        agent: Agent,
        loop: Loop,
        pulse: Pulse,
        *,
        scenario: Scenario,
        allocation: Allocation,
        names: RunNames,
        changed: Callable[[Machine, int], None],
        kept: Mapping[str, Kept],
    ) -> None:
        """`kept` are those of the topology's networks that are there already."""
        self._engine = engine
        self._agent = agent
        self._loop = loop
        self.pulse = pulse
        self._allocation = allocation
        self._names = names
        self._kept = kept
        topology = scenario.topology
        self._open = {network.name for network in topology.networks if not network.internal}
        self._images: dict[str | None, Image] = {}
        self._begun: set[str] = set()
        self._bridges = {name: network.bridge for name, network in kept.items()}
        self.troubles: list[str] = []  # what could not be undone
        self.to_leave: frozenset[str] = frozenset()  # networks not to be removed
        self.left: list[str] = []  # those of them on which nothing is
        self.refused: list[str] = []  # subnets the engine would not have
        self.machines: Mapping[str, Machine] = {
            node.name: Machine(node, names.of(node.name), changed) for node in topology.nodes
        }
        impairing = Impairing(agent, topology, allocation, names.of, scenario.seed)
        impairing.foresee(scenario.impairments)
        self.wires = LiveLinks(agent, allocation, names.of, impairing)

    @property
    def begun(self) -> bool:
        """Whether anything may be on the engine."""
        return bool(self._begun)

    @property
    def bindings(self) -> Mapping[str, str]:
        """What `${...}` references stand for in this run."""
        return self._allocation.bindings

    def links(self, node: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The networks of a node, each with the addresses this run gave it there."""
        places = self._allocation.places
        return tuple((place.network, place.addresses) for place in places if place.node == node)

    def subnets(self, network: str) -> tuple[str, ...]:
        """Those this run gave a network."""
        return self._allocation.subnets[network]

    @property
    def ahead(self) -> tuple[float, float] | None:
        """How much more the clock of the engine's host shows than the lab's, as bounds."""
        return agreed(machine.clock for machine in self.machines.values())

    def network_name(self, network: str) -> str:
        """The engine's name for a network."""
        kept = self._kept.get(network)
        return kept.name if kept else self._names.of(network)

    def bridge(self, network: str) -> str:
        """What the bridge of a network that was made is called on the engine's host."""
        return self._bridges[network]

    def addresses(self, node: str) -> tuple[str, ...]:
        """The addresses this run gave a node."""
        links = self._allocation.links(node, self.network_name)
        return tuple(a for link in links for a in (link.ipv6, link.ipv4) if a)

    def argv(self, node: Node) -> tuple[str, ...]:
        """The node's program and its arguments."""
        program = node.program
        if program.args is not None:
            return (*self.command(node), *(a.render(self.bindings) for a in program.args))
        defaults = self._images[program.image].command if program.command is None else ()
        return (*self.command(node), *defaults)

    def command(self, node: Node) -> tuple[str, ...]:
        """The node's program, before its arguments."""
        own = node.program.command
        return self._images[node.program.image].entrypoint if own is None else own

    def perform(self, operation: Operation) -> None:
        """Do one operation of the deployment. Raises LabError, SubnetTakenError."""
        self._perform(operation)

    def undo(self, operation: Operation) -> None:
        """Do one operation of the removal; what goes wrong becomes one of the troubles."""
        try:
            self._perform(operation)
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest must be removed
            self.troubles.append(f"{operation.subject} could not be removed: {error}")

    @functools.singledispatchmethod
    def _perform(self, operation: Operation) -> None:
        raise TypeError(f"no way to {operation.word}")

    @_perform.register
    def _(self, operation: PrepareImage) -> None:
        self._images[operation.image] = self._engine.image(operation.image)

    @_perform.register
    def _(self, operation: CreateNetwork) -> None:
        name = self.network_name(operation.network.name)
        self._begun.add(name)
        if operation.network.name in self._kept:
            return
        subnets = self._allocation.subnets[operation.network.name]
        spec = NetworkSpec(
            name, operation.network, subnets, self._names.labels(), transit=operation.transit
        )
        try:
            self._bridges[operation.network.name] = self._engine.create_network(spec)
        except SubnetTakenError:
            self.refused.extend(subnets)
            raise

    @_perform.register
    def _(self, operation: IsolateNetwork) -> None:
        name = operation.network.name
        self._agent.isolate(self.bridge(name), self._allocation.subnets[name])

    @_perform.register
    def _(self, operation: CreateShare) -> None:
        spec = ShareSpec(
            self._names.of(operation.share.name), operation.share.size, self._names.labels()
        )
        self._begun.add(spec.name)
        self._engine.create_share(spec)

    @_perform.register
    def _(self, operation: CreateNode) -> None:
        node = operation.node
        spec = node_spec(
            node,
            self._images[node.program.image],
            self._allocation,
            self._names,
            self.network_name,
            outside=any(link.network in self._open for link in node.attachments),
        )
        self._begun.add(spec.name)
        self._engine.create_node(spec)

    @_perform.register
    def _(self, operation: AttachNode) -> None:
        machine = self.machines[operation.node.name]
        sock = self._engine.attach(machine.name)
        self._loop.post(lambda: machine.connect(self._loop, sock))

    @_perform.register
    def _(self, operation: StartNode) -> None:
        machine = self.machines[operation.node.name]
        machine.started = self._engine.start(machine.name)

    @_perform.register
    def _(self, operation: AdoptNode) -> None:
        machine = self.machines[operation.node.name]
        if machine.started is None:
            raise EngineError(f"{operation.node.name} is to be adopted but was never started")
        self._agent.adopt(machine.name, machine.started)
        self._agent.name(machine.name, machine.node.name)

    @_perform.register
    def _(self, operation: FlushShadow) -> None:
        subnets = [
            subnet
            for network in operation.networks
            for subnet in self._allocation.subnets[network]
            if ":" not in subnet
        ]
        self._agent.flush(self.machines[operation.node.name].name, subnets)

    @_perform.register
    def _(self, operation: RouteNode) -> None:
        name = self.machines[operation.node.name].name
        routes = self._allocation.routes[operation.node.name]
        self._agent.route(name, routes, only=operation.only)

    @_perform.register
    def _(self, operation: TraceNode) -> None:
        self._agent.tracer()
        self.machines[operation.node.name].traced = True

    @_perform.register
    def _(self, operation: CaptureNode) -> None:
        machine = self.machines[operation.node.name]
        node, what = operation.node, operation.what
        networks = {name: self._allocation.subnets[name] for name in node.networks}
        self._agent.capture(machine.name, what, networks, budget=self._names.run)
        machine.recording = Recording(self._agent, machine.name, node.name, what)

    @_perform.register
    def _(self, operation: ImpairNode) -> None:
        self.wires.impairing.tell(operation.node.name)

    @_perform.register
    def _(self, operation: RemoveNode) -> None:
        machine = self.machines[operation.node.name]
        if machine.started is not None:
            with suppress(EngineError):  # an agent that is gone knows no node any more
                self._agent.forget(machine.name)
        if machine.name in self._begun:
            self._engine.remove_node(machine.name)

    @_perform.register
    def _(self, operation: RemoveNetwork) -> None:
        name = self.network_name(operation.network.name)
        if operation.network.name in self.to_leave and not self.troubles:
            self.left.append(operation.network.name)
        elif name in self._begun:
            self._engine.remove_network(name)

    @_perform.register
    def _(self, operation: RemoveShare) -> None:
        name = self._names.of(operation.share.name)
        if name in self._begun:
            self._engine.remove_share(name)
