"""One step, from values in hand instead of a file's steps.

Law: read by the very shapes that read files, so that it means what it would mean there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.catalog import Catalog
from lab.kinds.action import Step
from lab.kinds.reading import AnyStep
from lab.loader.cables import check_cables
from lab.loader.impairments import check_impairments
from lab.loader.programs import programs_of
from lab.loader.references import check_references
from lab.model import Scenario, Topology
from lab.source import Problems, Span
from lab.source.scope import Names, Scope
from lab.source.shapes.collections import attempt
from lab.source.values import located


def single(
    values: Mapping[str, object],
    scenario: Scenario,
    done: Sequence[Step],
    catalog: Catalog,
    place: tuple[Span, str],
) -> Step:
    """The step; `done` are those done before it, `place` where it was asked for, and that text.

    Raises InvalidScenario with every reason, TypeError for values that no file can hold.
    """
    span, text = place
    problems = Problems(span.path, text)
    scope = Scope(problems, {**_names(scenario.topology, done), "service": catalog.commands})
    found = attempt(AnyStep(), located(values, span), scope)
    problems.end_phase()
    assert found is not None  # else the first phase ended with why
    steps = (*done, found[0])
    check_references(scope, scenario.topology)
    check_cables(scenario.topology, steps, problems)
    check_impairments(scenario.topology, scenario.impairments, steps, problems)
    problems.end_phase()
    return found[0]


def _names(topology: Topology, done: Sequence[Step]) -> dict[str, Names]:
    nodes = {node.name: (node.name,) for node in topology.nodes}
    groups: dict[str, tuple[str, ...]] = {}
    for node in topology.nodes:
        groups[node.group] = (*groups.get(node.group, ()), node.name)
    return {
        "node": {**groups, **nodes},
        "network": {network.name: (network.name,) for network in topology.networks},
        "program": {program.name: (program.name,) for program in programs_of(done)},
    }
