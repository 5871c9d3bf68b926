"""A plan's things on an engine: made, wired and removed, operation by operation.

Law: does what an operation says and nothing else. What was begun is remembered before it is
begun, so that whatever happens can be undone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import suppress

from lab.allocation import Allocation
from lab.errors import EngineError
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.names import RunNames
from lab.model import Node, Topology
from lab.plan import (
    AdoptNode,
    AttachNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    Operation,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
)
from lab.ports import (
    Agent,
    Engine,
    Image,
    MountSpec,
    NetworkSpec,
    NodeSpec,
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
        *,
        topology: Topology,
        allocation: Allocation,
        names: RunNames,
        changed: Callable[[Machine, int], None],
    ) -> None:
        self._engine = engine
        self._agent = agent
        self._loop = loop
        self._allocation = allocation
        self._names = names
        self._open = {network.name for network in topology.networks if not network.internal}
        self._images: dict[str | None, Image] = {}
        self._begun: set[str] = set()
        self.troubles: list[str] = []  # what could not be undone
        self.refused: list[str] = []  # subnets the engine would not have
        self.machines: Mapping[str, Machine] = {
            node.name: Machine(node, names.of(node.name), changed) for node in topology.nodes
        }

    @property
    def begun(self) -> bool:
        """Whether anything may be on the engine."""
        return bool(self._begun)

    @property
    def bindings(self) -> Mapping[str, str]:
        """What `${...}` references stand for in this run."""
        return self._allocation.bindings

    def addresses(self, node: str) -> tuple[str, ...]:
        """The addresses this run gave a node."""
        links = self._allocation.links(node, self._names.of)
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
        name = self._names.of(operation.network.name)
        self._begun.add(name)
        subnets = self._allocation.subnets[operation.network.name]
        spec = NetworkSpec(
            name, operation.network, subnets, self._names.labels(), transit=operation.transit
        )
        try:
            self._engine.create_network(spec)
        except SubnetTakenError:
            self.refused.extend(subnets)
            raise

    @_perform.register
    def _(self, operation: CreateShare) -> None:
        spec = ShareSpec(
            self._names.of(operation.share.name), operation.share.size, self._names.labels()
        )
        self._begun.add(spec.name)
        self._engine.create_share(spec)

    @_perform.register
    def _(self, operation: CreateNode) -> None:
        spec = self._node_spec(operation.node)
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
    def _(self, operation: RemoveNode) -> None:
        machine = self.machines[operation.node.name]
        if machine.started is not None:
            with suppress(EngineError):  # an agent that is gone knows no node any more
                self._agent.forget(machine.name)
        if machine.name in self._begun:
            self._engine.remove_node(machine.name)

    @_perform.register
    def _(self, operation: RemoveNetwork) -> None:
        name = self._names.of(operation.network.name)
        if name in self._begun:
            self._engine.remove_network(name)

    @_perform.register
    def _(self, operation: RemoveShare) -> None:
        name = self._names.of(operation.share.name)
        if name in self._begun:
            self._engine.remove_share(name)

    def _node_spec(self, node: Node) -> NodeSpec:
        env = tuple((key, value.render(self.bindings)) for key, value in node.program.env)
        return NodeSpec(
            name=self._names.of(node.name),
            hostname=node.name,
            image=self._images[node.program.image].reference,
            links=self._allocation.links(node.name, self._names.of),
            hosts=self._allocation.hosts(node.name),
            env=env,
            memory=node.limits.memory,
            pids=node.limits.pids,
            cpus=node.limits.cpus,
            labels=self._names.labels(node.name),
            lasting=self._names.lasting,
            forwards=node.forwards,
            outside=any(link.network in self._open for link in node.attachments),
            mounts=tuple(MountSpec(self._names.of(m.share), m.path) for m in node.mounts),
        )
