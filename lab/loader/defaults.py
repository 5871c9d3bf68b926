"""What a file does not say: the steps without steps, and what every program owes.

So that silent failure is caught: a server that died, a line on stderr nobody expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.events import Exit
from lab.kinds.action import Effect, Step, Wanted
from lab.kinds.expectations.exit import ExitExpectation
from lab.kinds.output.expectation import Silent
from lab.kinds.reading import WITHIN
from lab.kinds.steps.start import Start
from lab.model import Node, Topology
from lab.ports import Expectation
from lab.source import Problems
from lab.source.excerpt import quote


def default_steps(topology: Topology, problems: Problems) -> tuple[Step, ...]:
    """Every node is started in the order written, each once the one before is ready."""
    for node in topology.nodes:
        if node.service is None and node.program.image is None:
            what = f"{quote(node.name)} runs nothing"
            problems.add(node.span, what, "say what: service: NAME or image: NAME")
    return tuple(Step(Start((node.name,)), node.span, WITHIN) for node in topology.nodes)


def default_expectations(topology: Topology, steps: Sequence[Step], expected: Wanted) -> Wanted:
    """An exit and a silent stderr for each started node of which the file says neither."""
    started = {n for step in steps if step.action.effect is Effect.STARTS for n in step.nodes}
    spoken = {node for step in steps for node, wanted in step.wanted if wanted.kind == "stderr"} | {
        node for node, wanted in expected if wanted.kind == "stderr"
    }
    return tuple(
        (node.name, expectation)
        for node in topology.nodes
        if node.name in started
        for expectation in _owed(node, steps, expected, heard=node.name in spoken)
    )


def _owed(
    node: Node, steps: Sequence[Step], expected: Wanted, *, heard: bool
) -> Iterator[Expectation]:
    exits = [e for name, e in expected if name == node.name and isinstance(e, ExitExpectation)]
    if not exits:
        yield _exit(node, steps)
    well = all(exit_.well for exit_ in exits)
    heard = heard or any(ready.kind == "stderr" for ready in node.ready)
    if well and not heard:
        yield Silent("stderr", node.span)


def _exit(node: Node, steps: Sequence[Step]) -> ExitExpectation:
    """By itself a program ends well or runs on; once stopped or killed, it has ended."""
    endings: set[Exit] = set()
    for step in steps:
        if node.name in step.nodes:
            again = step.action.effect is Effect.RESTARTS
            endings = set() if again else endings | set(step.action.endings)
    if node.ends:
        endings.add(Exit(status=0))
    allowed = tuple(sorted(endings, key=lambda end: (end.signal or 0, end.status or 0)))
    return ExitExpectation(node.span, allowed, running=not endings, unsaid=True)
