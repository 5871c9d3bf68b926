"""Which nodes are traced: those of whose programs an expectation on their calls is made.

Law: it follows from the scenario alone, so a plan can say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lab.events import Fact
from lab.kinds.action import Step, Wanted
from lab.loader.programs import programs_of
from lab.model import Scenario, Topology
from lab.source import Span


def with_traced(topology: Topology, steps: Sequence[Step], expected: Wanted) -> Topology:
    """The topology, its nodes traced where something asks for it, and where that is said."""
    owners = {program.name: program.node for program in programs_of(steps)}
    places: dict[str, Span] = {}
    for key, span in (*_asked(expected), *(each for step in steps for each in _by(step))):
        places.setdefault(owners.get(key, key), span)
    if not places:
        return topology
    nodes = (replace(node, traced=places.get(node.name)) for node in topology.nodes)
    return replace(topology, nodes=tuple(nodes))


def all_traced(case: Scenario) -> Scenario:
    """The same case with every node traced, asked for or not."""
    nodes = (replace(node, traced=node.traced or node.span) for node in case.topology.nodes)
    return replace(case, topology=replace(case.topology, nodes=tuple(nodes)))


def _by(step: Step) -> Iterator[tuple[str, Span]]:
    yield from _asked(step.wanted)
    of_visits = getattr(step.action, "expectations", ())
    yield from _asked(tuple((node, each) for node in step.nodes for each in of_visits))


def _asked(wanted: Wanted) -> Iterator[tuple[str, Span]]:
    return ((key, each.span) for key, each in wanted if Fact.CALLS in each.needs)
