"""What a whole run comes to, from the record alone.

Law: pure; it sees an Observation and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lab.events import Observation
from lab.model import NodeExpectation
from lab.result import ImpairmentResult
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


def judge_impairments(results: Iterable[ImpairmentResult]) -> tuple[Judgement, ...]:
    """ERROR for every effect that fell on nothing: what was to be shown under it was not."""
    return tuple(
        replace(_missed(word, each), subject=each.title, span=each.span)
        for each in results
        if not each.may_miss
        for word, number in each.counts.items()
        if not number and word != "seen"
    )


def _missed(word: str, result: ImpairmentResult) -> Judgement:
    seen = result.counts["seen"]
    if not seen:
        what = f"nothing it fits was sent until the end, so {word} fell on no packet"
        advice = "look at its ways and at only:, or write may-miss: true"
        return unknown(what, advice=advice)
    packets = "the one packet" if seen == 1 else f"the {seen} packets"
    return unknown(
        f"{word} fell on none of {packets} it fits",
        advice="choose more of them, or another seed:, or write may-miss: true",
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
