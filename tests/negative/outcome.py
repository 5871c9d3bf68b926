"""What became of a wrong program: whether its scenario killed it, and which expectation did.

Law: results in, outcomes out; nothing is run or printed here.
"""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from enum import Enum

from lab.result import ScenarioResult
from lab.verdict import Judgement, Verdict
from tests.negative.wrong import Complaint, Wrong


class Fate(Enum):
    """KILLED is what must be: FAIL, by the expectation that wrong.yaml names."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    MISNAMED = "MISNAMED"  # the run failed, but not by that expectation
    UNKNOWN = "UNKNOWN"  # ERROR or SKIP: the lab could not tell


@dataclass(frozen=True)
class Outcome:
    """`by` is the judgement that killed it, if any; `said` all that the run had to say."""

    wrong: Wrong
    fate: Fate
    by: Judgement | None
    said: tuple[str, ...]


def fate(wrong: Wrong, result: ScenarioResult) -> Outcome:
    """What this result means for the program."""
    failed = [each for each in result.judgements if each.verdict is Verdict.FAIL]
    said = tuple(str(complaint(each)) for each in failed) or (result.reason,)
    killers = [each for each in failed if wrong.complaint.covers(complaint(each))]
    if result.verdict is Verdict.FAIL and killers:
        return Outcome(wrong, Fate.KILLED, killers[0], said)
    fates = {Verdict.FAIL: Fate.MISNAMED, Verdict.PASS: Fate.SURVIVED}
    return Outcome(wrong, fates.get(result.verdict, Fate.UNKNOWN), None, said)


def complaint(judgement: Judgement) -> Complaint:
    """A judgement in the words of wrong.yaml."""
    advice = judgement.advice or ""
    return Complaint(judgement.subject, _line(judgement), judgement.reason, advice)


def _line(judgement: Judgement) -> str:
    """The line of the scenario's file it points to, stripped."""
    if judgement.span is None:
        return ""
    return linecache.getline(str(judgement.span.path), judgement.span.line).strip()
