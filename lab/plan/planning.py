"""From a scenario and an engine's abilities to a plan.

Law: pure, and the same for the same input. Which addresses the run will use is not decided
here, nor is anything looked up.
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.model import Network, Node, Scenario, Topology
from lab.plan.operations import (
    AdoptNode,
    AttachNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    Operation,
    PerformStep,
    Plan,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
)
from lab.ports import Abilities, Step
from lab.source import Span


class _Builder:
    """Numbers operations as they are added."""

    def __init__(self, first: int = 1) -> None:
        self.operations: list[Operation] = []
        self._first = first

    def next(self) -> int:
        return self._first + len(self.operations)

    def add(self, operation: Operation) -> int:
        self.operations.append(operation)
        return operation.number


def shadowed(network: Network, abilities: Abilities) -> bool:
    """Whether the engine gives the network IPv4 though its family forbids it."""
    return 4 not in network.family.versions and not abilities.ipv6_only


def plan(scenario: Scenario, abilities: Abilities) -> Plan:
    """The operations of one case on an engine of these abilities."""
    deployment = _deployment(scenario.topology, abilities)
    timeline = _timeline(scenario.steps, deployment)
    removal = _removal(scenario.topology, len(deployment) + len(timeline) + 1)
    return Plan(deployment, timeline, removal)


def _timeline(steps: Iterable[Step], deployment: tuple[Operation, ...]) -> tuple[PerformStep, ...]:
    """One after another, the first once everything is deployed."""
    leading = {number for operation in deployment for number in operation.after}
    last = tuple(o.number for o in deployment if o.number not in leading)
    timeline: list[PerformStep] = []
    for number, step in enumerate(steps, start=len(deployment) + 1):
        timeline.append(PerformStep(number, last, step.span, step))
        last = (number,)
    return tuple(timeline)


def _deployment(topology: Topology, abilities: Abilities) -> tuple[Operation, ...]:
    builder = _Builder()
    images = {
        image: builder.add(PrepareImage(builder.next(), (), span, image))
        for image, span in _images(topology.nodes)
    }
    shadows = {n.name for n in topology.networks if shadowed(n, abilities)}
    networks = {
        network.name: builder.add(
            CreateNetwork(
                builder.next(),
                (),
                network.span,
                network,
                shadow=network.name in shadows,
                transit=topology.is_transit(network.name),
            )
        )
        for network in topology.networks
    }
    shares = {
        share.name: builder.add(CreateShare(builder.next(), (), share.span, share))
        for share in topology.shares
    }
    for node in topology.nodes:
        links = tuple(networks[link.network] for link in node.attachments)
        needed = (images[node.program.image], *(shares[mount.share] for mount in node.mounts))
        created = builder.add(CreateNode(builder.next(), needed, node.span, node))
        adopted = _start(builder, node, created, links)
        _flush(builder, node, adopted, shadows)
        _route(builder, node, adopted, topology, abilities)
    return tuple(builder.operations)


def _images(nodes: Iterable[Node]) -> Iterable[tuple[str | None, Span]]:
    first: dict[str | None, Span] = {}
    for node in nodes:
        first.setdefault(node.program.image, node.span)
    return first.items()


def _start(builder: _Builder, node: Node, created: int, links: tuple[int, ...]) -> int:
    # An engine looks for a node's networks when it starts it, so both can be made meanwhile.
    attached = builder.add(AttachNode(builder.next(), (created,), node.span, node))
    started = builder.add(StartNode(builder.next(), (attached, *links), node.span, node))
    return builder.add(AdoptNode(builder.next(), (started,), node.span, node))


def _flush(builder: _Builder, node: Node, adopted: int, shadows: set[str]) -> None:
    flushed = tuple(link.network for link in node.attachments if link.network in shadows)
    if flushed:
        builder.add(FlushShadow(builder.next(), (adopted,), node.span, node, flushed))


def _route(
    builder: _Builder, node: Node, adopted: int, topology: Topology, abilities: Abilities
) -> None:
    networks = [topology.network(link.network) for link in node.attachments]
    transit = any(topology.is_transit(network.name) for network in networks)
    inside = bool(networks) and all(network.internal for network in networks)
    # Engines before 28 give nodes a default route even where there is no way out.
    if transit or (inside and not abilities.ipv6_only):
        builder.add(RouteNode(builder.next(), (adopted,), node.span, node, inside))


def _removal(topology: Topology, first: int) -> tuple[Operation, ...]:
    builder = _Builder(first)
    nodes = {
        node.name: builder.add(RemoveNode(builder.next(), (), node.span, node))
        for node in topology.nodes
    }
    for network in topology.networks:
        on_it = tuple(
            nodes[node.name]
            for node in topology.nodes
            if any(link.network == network.name for link in node.attachments)
        )
        builder.add(RemoveNetwork(builder.next(), on_it, network.span, network))
    for share in topology.shares:
        having = tuple(nodes[node.name] for node, _ in topology.sharing(share.name))
        builder.add(RemoveShare(builder.next(), having, share.span, share))
    return tuple(builder.operations)
