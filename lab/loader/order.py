"""That nodes are started: once, before anything is done with them, and all of them."""

from __future__ import annotations

from collections.abc import Sequence

from lab.kinds.action import Effect, Step, Wanted, looks
from lab.model import Node, Topology
from lab.source import Problems
from lab.source.excerpt import quote

_ALWAYS = (Effect.STARTS, Effect.VISITS, Effect.LINKS)  # what needs no program that runs


def check_order(
    topology: Topology, steps: Sequence[Step], expected: Wanted, problems: Problems
) -> None:
    """Note nodes that are never started, started twice, or used before they are."""
    ever = {node for step in steps for node in _begun(step)}
    _check_each(steps, ever, problems)
    visited = {n for step in steps if step.action.effect is Effect.VISITS for n in step.nodes}
    named = _check_expected(expected, ever, problems)
    known = ever | visited | named
    for node in topology.nodes:
        if _runs_something(node) and node.name not in known:
            what = f"{quote(node.name)} is never started"
            problems.add(node.span, what, f"add a step: - start: {node.name}")


def _begun(step: Step) -> tuple[str, ...]:
    """The nodes whose programs it starts, and the program it runs under a name."""
    if step.action.effect is Effect.STARTS:
        return step.nodes
    return (step.named.name,) if step.named else ()


def _behind(name: str, steps: Sequence[Step]) -> str:
    for step in steps:
        if step.named and step.named.name == name:
            return f"put it behind the step of line {step.span.line}, which runs it"
    return f"put it behind - start: {name}"


def _runs_something(node: Node) -> bool:
    """Unlike a machine that is only there: addressed, perhaps, with nothing on it."""
    return node.service is not None or node.program.image is not None


def _check_each(steps: Sequence[Step], ever: set[str], problems: Problems) -> None:
    running: set[str] = set()
    for step in steps:
        effect = step.action.effect
        for node in step.nodes:
            if effect is Effect.STARTS and node in running:
                what = f"{quote(node)} is started already"
                problems.add(step.span, what, f"leave this out, or write - restart: {node}")
            elif effect not in _ALWAYS and node in ever and node not in running:
                what = f"{quote(node)} is not started yet at this step"
                problems.add(step.span, what, _behind(node, steps))
            elif effect in (Effect.NONE, Effect.ENDS, Effect.RESTARTS) and node not in ever:
                what = f"{quote(node)} is never started"
                problems.add(step.span, what, f"add a step before this one: - start: {node}")
        running.update(_begun(step))
        _check_expected(step.expected, running, problems)


def _check_expected(expected: Wanted, started: set[str], problems: Problems) -> set[str]:
    """Note expectations on programs that are not started; the nodes they are about."""
    named: set[str] = set()
    for node, expectation in expected:
        if node not in started and not looks(expectation):
            what = f"{expectation.kind} is expected of {quote(node)}, which is never started"
            problems.add(expectation.span, what, f"add a step: - start: {node}")
            named.add(node)
    return named
