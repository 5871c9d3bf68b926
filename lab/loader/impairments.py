"""That what is impaired are ways packets can go, and what is healed was impaired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.kinds.action import Step
from lab.model import EVERYBODY, Impairment, Topology, Way
from lab.source import Problems, Span
from lab.source.excerpt import quote

_NEEDED = "nfqueue"


def check_impairments(
    topology: Topology, started: Sequence[Impairment], steps: Sequence[Step], problems: Problems
) -> None:
    """Note ways that lead nowhere, and heal steps that heal nothing."""
    bad: list[Impairment] = []
    for impairment in started:
        _check_ways(topology, impairment.ways, impairment.span, problems)
        bad.append(impairment)
    for step in steps:
        if made := step.impairment:
            _check_ways(topology, made.ways, made.span, problems)
            bad.append(made)
        elif (healed := step.healed) is not None:
            left = [each for each in bad if not _healed(topology, each, healed)]
            if len(left) == len(bad):
                what = "nothing is impaired there at this step"
                mend = "write the ways as in the step that made them bad, or heal: all"
                problems.add(step.span, what, mend)
            bad = left


def required(
    written: tuple[str, ...], started: Sequence[Impairment], steps: Sequence[Step]
) -> tuple[str, ...]:
    """What a machine must be able to do, with what impairments need."""
    impairs = bool(started) or any(step.impairment for step in steps)
    return (*written, _NEEDED) if impairs and _NEEDED not in written else written


def _check_ways(topology: Topology, ways: Iterable[Way], span: Span, problems: Problems) -> None:
    for way in ways:
        if what := _fault(topology, way):
            problems.add(span, what, "name nodes that send each other packets on that network")
            return


def _fault(topology: Topology, way: Way) -> str:
    for name in filter(None, (way.sender, way.receiver)):
        if name != EVERYBODY and not topology.node(name).networks:
            return f"{quote(name)} is on no network"
    if not topology.senders(way):
        if way.sender == EVERYBODY:
            return f"nobody is on {quote(way.network)} who could send that"
        return f"{quote(way.sender)} is not on {quote(way.network)}"
    if way.sender == EVERYBODY or not way.receiver:
        return ""
    if not topology.reach(way.sender) & topology.node(way.receiver).networks:
        return f"{quote(way.sender)} and {quote(way.receiver)} are on no common network"
    return ""


def _healed(topology: Topology, impairment: Impairment, ways: Sequence[Way]) -> bool:
    if not ways:
        return True
    good = [each for way in ways for each in topology.senders(way)]
    bad = [each for way in impairment.ways for each in topology.senders(way)]
    return all(any(one.covers(other) for one in good) for other in bad)
