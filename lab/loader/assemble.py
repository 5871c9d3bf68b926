"""One case, read and known to be well written, into a Scenario: what its parts mean together."""

from __future__ import annotations

from pathlib import Path

from lab.kinds.action import Step, Wanted
from lab.loader.addressing import check_addresses, networks_of
from lab.loader.cables import check_cables
from lab.loader.defaults import default_expectations, default_steps
from lab.loader.fields import (
    EXPECT,
    IMPAIR,
    INTENT,
    NODE_MAP,
    REQUIRES,
    SEED,
    STEPS,
    TAGS,
    TIMEOUT,
)
from lab.loader.impairments import check_impairments, required
from lab.loader.nodes import nodes_of
from lab.loader.order import check_order
from lab.loader.programs import check_programs
from lab.loader.reach import check_reach
from lab.loader.references import check_references
from lab.loader.room import check_room
from lab.loader.shares import check_shares, shares_of
from lab.loader.supply import Supply
from lab.loader.timing import check_deadlines
from lab.loader.tracing import with_traced
from lab.model import NodeExpectation, Scenario, Topology
from lab.source.excerpt import quote
from lab.source.scope import Scope
from lab.source.shapes import Read

TIMEOUT_SECONDS = 30.0


def assemble(path: Path, name: str, found: Read, scope: Scope, supply: Supply) -> Scenario:
    """The scenario; what is wrong with it is noted in the scope's problems."""
    problems = scope.problems
    networks, nodes = networks_of(found, problems), nodes_of(found, supply, problems)
    topology = Topology(networks, nodes, shares_of(found))
    if not topology.nodes:
        span = found.key(NODE_MAP).span
        problems.add(span, "a scenario needs a node", "nodes: {listener: {service: listener}}")
    steps: tuple[Step, ...] = found.get(STEPS, ()) or default_steps(topology, problems)
    expected: Wanted = found.get(EXPECT, ())
    timeout = found.get(TIMEOUT, TIMEOUT_SECONDS)
    check_addresses(topology, problems)
    check_room(topology, problems)
    check_shares(topology, problems)
    check_references(scope, topology)
    check_reach(topology, problems)
    check_programs(topology, steps, problems)
    check_order(topology, steps, expected, problems)
    check_cables(topology, steps, problems)
    impaired = found.get(IMPAIR, ())
    check_impairments(topology, impaired, steps, problems)
    check_deadlines(steps, timeout, problems)
    topology = with_traced(topology, steps, expected)
    expectations = (*expected, *default_expectations(topology, steps, expected))
    return Scenario(
        name=name,
        path=path,
        intent=found[INTENT],
        tags=_tags(found, scope),
        topology=topology,
        steps=steps,
        expectations=tuple(NodeExpectation(node, each) for node, each in expectations),
        timeout=timeout,
        requires=required(found.get(REQUIRES, ()), impaired, steps),
        span=found.key(INTENT).span,
        impairments=impaired,
        seed=found.get(SEED, path.stem),
    )


def _tags(found: Read, scope: Scope) -> tuple[str, ...]:
    tags: dict[str, None] = {}
    for tag in found.get(TAGS, ()):
        if tag.text in tags:
            scope.problems.add(tag.span, f"the tag {quote(tag.text)} is listed twice", "keep one")
        tags[tag.text] = None
    return tuple(tags)
