"""What is claimed of a program's calls, each claim judged at its own place.

Law: reads the calls and how the program stands, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from lab.events import Call, ProcessRecord
from lab.kinds.calls.descriptors import never_closed
from lab.kinds.calls.names import FORKS
from lab.kinds.calls.pattern import CallPattern, written
from lab.kinds.calls.spinning import IN_A_ROW, spin
from lab.kinds.standing import standing
from lab.source import Span
from lab.verdict import Judgement, failed, passed

ALL, ACCEPTED = "all", "accepted"


def at(span: Span, judgement: Judgement) -> Judgement:
    return replace(judgement, span=span)


def in_order(
    order: tuple[CallPattern, ...],
    calls: Iterable[Call],
    program: ProcessRecord,
    bindings: Mapping[str, str],
) -> Judgement:
    left = list(order)
    seen = ""
    in_time = sorted(calls, key=_effective)
    for call in in_time:
        if left and left[0].done(call, bindings):
            seen = left.pop(0).shown(bindings)
    if not left:
        return passed(final=True)
    wanted = left[0]
    behind = f" after {seen}" if seen else ""
    reason = f"it never called {wanted.shown(bindings)}{behind}; {standing(program)}"
    early = any(wanted.done(call, bindings) for call in in_time)
    advice = "it did before: the order is another" if early else _alike(in_time, wanted)
    return at(wanted.span, failed(reason, final=program.calls_over, advice=advice))


def _effective(call: Call) -> float:
    """When others may build on it: once it has returned; on a fork a child may before it has."""
    return call.time if call.name in FORKS else call.time + call.seconds


def made(
    pattern: CallPattern,
    calls: Iterable[Call],
    program: ProcessRecord,
    bindings: Mapping[str, str],
) -> Judgement:
    if any(pattern.done(call, bindings) for call in calls):
        return passed(final=True)
    reason = f"it never called {pattern.shown(bindings)}; {standing(program)}"
    missing = failed(reason, final=program.calls_over, advice=_alike(calls, pattern))
    return at(pattern.span, missing)


def not_made(
    pattern: CallPattern, calls: Iterable[Call], bindings: Mapping[str, str], *, over: bool
) -> Judgement:
    found = next((call for call in calls if pattern.finds(call, bindings)), None)
    if found is None:
        return passed(final=over)
    return at(pattern.span, failed(f"it called {written(found)}, which it must not", final=True))


def _alike(calls: Iterable[Call], wanted: CallPattern) -> str:
    """The calls of that name there are, where some are."""
    alike = CallPattern(wanted.span, wanted.name)
    found = [written(call) for call in calls if alike.finds(call, {})]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return f"it called {'; '.join(found[:3])}{more}" if found else ""


def closed(which: str, calls: Iterable[Call], program: ProcessRecord) -> Judgement:
    left = [each for each in never_closed(calls) if which == ALL or each.accepted]
    if not left:
        return passed(final=program.calls_over)
    shown = ", ".join(map(str, left[:8])) + (f", and {len(left) - 8} more" if left[8:] else "")
    return failed(
        f"it never closed {shown}; {standing(program)}",
        final=program.calls_over,
        advice=f"of the first: {written(left[0].given)}",
    )


def calm(calls: Iterable[Call], *, over: bool) -> Judgement:
    found = spin(calls)
    if found is None:
        return passed(final=over)
    return failed(
        f"it made {IN_A_ROW} calls within {found.seconds:.2g} s that got nothing done, "
        f"{written(found.last)} among them",
        final=True,
        advice="wait with poll for what can be done, and do it once poll says so",
    )
