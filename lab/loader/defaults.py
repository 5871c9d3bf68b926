"""What a file does not say: the steps without steps, and what every program owes.

So that silent failure is caught: a server that died, a line on stderr nobody expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Step, Wanted
from lab.kinds.expectations.exit import ExitExpectation
from lab.kinds.output.expectation import Silent
from lab.kinds.reading import WITHIN
from lab.kinds.steps.start import Start
from lab.loader.programs import programs_of
from lab.model import Topology
from lab.ports import Expectation
from lab.source import Problems, Span
from lab.source.excerpt import quote


def default_steps(topology: Topology, problems: Problems) -> tuple[Step, ...]:
    """Every node is started in the order written, each once the one before is ready."""
    for node in topology.nodes:
        if node.service is None and node.program.image is None:
            what = f"{quote(node.name)} runs nothing"
            problems.add(node.span, what, "say what: service: NAME or image: NAME")
    return tuple(Step(Start((node.name,)), node.span, WITHIN) for node in topology.nodes)


class _Owing(Struct, frozen=True):
    """A program that was begun; `said` is what was asked of it when it was."""

    name: str
    span: Span
    ends: bool
    said: tuple[Expectation, ...] = ()


def default_expectations(topology: Topology, steps: Sequence[Step], expected: Wanted) -> Wanted:
    """An exit and a silent stderr for each begun program of which the file says neither."""
    started = {n for step in steps if step.action.effect is Effect.STARTS for n in step.nodes}
    owing = [
        *(
            _Owing(n.name, n.span, ends=n.ends, said=n.ready)
            for n in topology.nodes
            if n.name in started
        ),
        *(_Owing(p.name, p.span, ends=True, said=p.expectations) for p in programs_of(steps)),
    ]
    asked = _by_name(expected)
    waited = _by_name([each for step in steps for each in step.wanted])
    done: dict[str, list[Step]] = {}
    for step in steps:
        for name in step.nodes:
            done.setdefault(name, []).append(step)
    return tuple(
        (one.name, each)
        for one in owing
        for each in _owed(
            one, done.get(one.name, ()), asked.get(one.name, ()), waited.get(one.name, ())
        )
    )


def _by_name(wanted: Iterable[tuple[str, Expectation]]) -> Mapping[str, Sequence[Expectation]]:
    found: dict[str, list[Expectation]] = {}
    for name, expectation in wanted:
        found.setdefault(name, []).append(expectation)
    return found


def _owed(
    one: _Owing,
    steps: Sequence[Step],
    asked: Sequence[Expectation],
    waited: Sequence[Expectation],
) -> Iterator[Expectation]:
    """`steps` are those about it, `asked` is expected of it at the end, `waited` on the way."""
    exits = [each for each in asked if isinstance(each, ExitExpectation)]
    exits += [e for e in one.said if isinstance(e, ExitExpectation) and not e.running]
    if not exits:
        yield _exit(one, steps)
    heard = any(each.kind == "stderr" for each in (*one.said, *asked, *waited))
    if all(exit_.well for exit_ in exits) and not heard:
        yield Silent("stderr", one.span)


def _exit(one: _Owing, steps: Sequence[Step]) -> ExitExpectation:
    """By itself a program ends well or runs on; once stopped or killed, it has ended."""
    endings: set[Exit] = set()
    for step in steps:
        again = step.action.effect is Effect.RESTARTS
        endings = set() if again else endings | set(step.action.endings)
    if one.ends:
        endings.add(Exit(status=0))
    allowed = tuple(sorted(endings, key=lambda end: (end.signal or 0, end.status or 0)))
    return ExitExpectation(one.span, allowed, running=not endings, unsaid=True)
