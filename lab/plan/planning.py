"""From a scenario and an engine's abilities to a plan.

Law: pure, and the same for the same input. Which addresses the run will use is not decided
here, nor is anything looked up.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lab.events import Fact
from lab.model import Family, Network, Node, Scenario, Topology
from lab.plan.operations import (
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
    PerformStep,
    Plan,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
    TraceNode,
)
from lab.ports import Abilities, Crossing, Step
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


def _joined(network: Network, transit: frozenset[str], abilities: Abilities) -> bool:
    """Whether the engine puts its host on a network that has no way out."""
    return network.internal and (network.name in transit or not abilities.ipv6_only)


def asks_for_packets(scenario: Scenario) -> bool:
    """Whether any of its expectations looks at packets."""
    steps = (each for step in scenario.steps for each in step.needs)
    ready = (each for node in scenario.topology.nodes for one in node.ready for each in one.needs)
    ended = (each for wanted in scenario.expectations for each in wanted.expectation.needs)
    return Fact.PACKETS in {*steps, *ready, *ended}


def plan(scenario: Scenario, abilities: Abilities, *, captured: bool = False) -> Plan:
    """The operations of one case on an engine of these abilities.

    `captured`: every packet is wanted, whether or not the scenario asks for any.
    """
    everything = captured or asks_for_packets(scenario)
    deployment = _deployment(scenario, abilities, everything=everything)
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


def _deployment(
    scenario: Scenario, abilities: Abilities, *, everything: bool
) -> tuple[Operation, ...]:
    topology = scenario.topology
    bad = _senders(scenario)
    builder = _Builder()
    images = {
        image: builder.add(PrepareImage(builder.next(), (), span, image))
        for image, span in _images(topology.nodes)
    }
    shadows = {n.name for n in topology.networks if shadowed(n, abilities)}
    transit = topology.transit
    networks = _networks(builder, topology.networks, shadows, transit)
    for each in (n for n in topology.networks if _joined(n, transit, abilities)):
        builder.add(IsolateNetwork(builder.next(), (networks[each.name],), each.span, each))
    shares = {
        share.name: builder.add(CreateShare(builder.next(), (), share.span, share))
        for share in topology.shares
    }
    inner = frozenset(network.name for network in topology.networks if network.internal)
    captured, what = _captured(topology, everything=everything)
    ways = _Ways(transit, inner, closed=abilities.ipv6_only)
    for node in topology.nodes:
        links = tuple(networks[link.network] for link in node.attachments)
        needed = (images[node.program.image], *(shares[mount.share] for mount in node.mounts))
        created = builder.add(CreateNode(builder.next(), needed, node.span, node))
        adopted = _start(builder, node, created, links)
        flushed = _flush(builder, node, adopted, shadows)
        wired = (*flushed, *_route(builder, node, adopted, ways)) or (adopted,)
        if node.networks & captured:
            builder.add(CaptureNode(builder.next(), wired, node.span, node, what))
        if node.traced is not None:
            builder.add(TraceNode(builder.next(), (adopted,), node.traced, node))
        if node.name in bad:
            builder.add(ImpairNode(builder.next(), (adopted,), bad[node.name], node))
    return tuple(builder.operations)


def _networks(
    builder: _Builder, networks: Iterable[Network], shadows: set[str], transit: frozenset[str]
) -> dict[str, int]:
    return {
        network.name: builder.add(
            CreateNetwork(
                builder.next(),
                (),
                network.span,
                network,
                shadow=network.name in shadows,
                transit=network.name in transit,
            )
        )
        for network in networks
    }


def _captured(topology: Topology, *, everything: bool) -> tuple[frozenset[str], Crossing]:
    """Of all networks everything, or of IPv6-only ones what would show that they are not."""
    if everything:
        return frozenset(network.name for network in topology.networks), Crossing.LINKS
    only = (network.name for network in topology.networks if network.family is Family.IPV6)
    return frozenset(only), Crossing.STRAYS


def _senders(scenario: Scenario) -> dict[str, Span]:
    """Each node whose packets are impaired from the start, with the line that first says so."""
    found: dict[str, Span] = {}
    for impairment in scenario.impairments:
        for way in (each for w in impairment.ways for each in scenario.topology.senders(w)):
            found.setdefault(way.sender, impairment.span)
    return found


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


def _flush(builder: _Builder, node: Node, adopted: int, shadows: set[str]) -> tuple[int, ...]:
    flushed = tuple(link.network for link in node.attachments if link.network in shadows)
    if not flushed:
        return ()
    return (builder.add(FlushShadow(builder.next(), (adopted,), node.span, node, flushed)),)


class _Ways(Struct, frozen=True):
    """Networks that routers are on, and those without a way out, which an engine may close."""

    transit: frozenset[str]
    inner: frozenset[str]
    closed: bool


def _route(builder: _Builder, node: Node, adopted: int, ways: _Ways) -> tuple[int, ...]:
    inside = bool(node.networks) and node.networks <= ways.inner
    # Engines before 28 give nodes a default route even where there is no way out.
    if not node.networks & ways.transit and not (inside and not ways.closed):
        return ()
    return (builder.add(RouteNode(builder.next(), (adopted,), node.span, node, inside)),)


def _removal(topology: Topology, first: int) -> tuple[Operation, ...]:
    builder = _Builder(first)
    nodes = {
        node.name: builder.add(RemoveNode(builder.next(), (), node.span, node))
        for node in topology.nodes
    }
    on_it: dict[str, list[int]] = {network.name: [] for network in topology.networks}
    for node in topology.nodes:
        for network_name in node.networks:
            on_it[network_name].append(nodes[node.name])
    for network in topology.networks:
        after = tuple(on_it[network.name])
        builder.add(RemoveNetwork(builder.next(), after, network.span, network))
    for share in topology.shares:
        having = tuple(nodes[node.name] for node, _ in topology.sharing(share.name))
        builder.add(RemoveShare(builder.next(), having, share.span, share))
    return tuple(builder.operations)
