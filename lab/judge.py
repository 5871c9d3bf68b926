"""What a whole run comes to, from the record alone.

Law: pure; it sees an Observation and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lab.events import Observation
from lab.model import NodeExpectation
from lab.verdict import Judgement, Verdict, unknown, worst


def judge(wanted: Iterable[NodeExpectation], seen: Observation) -> tuple[Judgement, ...]:
    """One judgement per expectation, in their order, each saying whom it is about and where."""
    return tuple(_judge(each, seen) for each in wanted)


def _judge(wanted: NodeExpectation, seen: Observation) -> Judgement:
    node = seen.nodes.get(wanted.node)
    if node is None:
        judgement = unknown(f"nothing was observed of {wanted.node}")
    else:
        judgement = wanted.expectation.judge(node, seen.bindings)
    return replace(
        judgement,
        subject=judgement.subject or wanted.node,
        span=judgement.span or wanted.expectation.span,
    )


def summarize(judgements: Sequence[Judgement]) -> tuple[Verdict, str]:
    """The verdict of all of them, and the reason: the first that is as bad as that."""
    verdict = worst(judgement.verdict for judgement in judgements)
    if verdict is Verdict.PASS:
        return verdict, ""
    blamed = next((j for j in judgements if j.verdict is verdict), None)
    if blamed is None:
        return verdict, "nothing was judged"
    return verdict, f"{blamed.subject}: {blamed.reason}" if blamed.subject else blamed.reason
