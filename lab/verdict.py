"""The verdict algebra: what one judgement says, and what many say together.

Pure. An ERROR satisfies no expectation, negated ones included; nothing at all is ERROR,
never PASS.
"""

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct

from lab.source import Span


class Verdict(IntEnum):
    """Ordered: the worst of several counts."""

    SKIP = 0
    PASS = 1
    ERROR = 2
    FAIL = 3


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of all of them together; ERROR when there is none."""
    return max(verdicts, default=Verdict.ERROR)


class Difference(Struct, frozen=True):
    """Two sides of one difference, as lines with invisible characters already visible.

    Each row is (expected, seen, equal); None where a side has no line.
    """

    rows: tuple[tuple[str | None, str | None, bool], ...]


class Judgement(Struct, frozen=True):
    """What one expectation says of what was observed.

    `final` means that no later event can change it: a wait need not go on. A PASS that more
    output could still undo is not final.
    """

    verdict: Verdict
    reason: str = ""
    span: Span | None = None
    subject: str = ""
    final: bool = False
    difference: Difference | None = None
    advice: str = ""


def passed(reason: str = "", *, final: bool = False) -> Judgement:
    """It was seen."""
    return Judgement(Verdict.PASS, reason, final=final)


def failed(
    reason: str,
    *,
    final: bool = False,
    difference: Difference | None = None,
    advice: str = "",
) -> Judgement:
    """Something else was seen."""
    return Judgement(Verdict.FAIL, reason, final=final, difference=difference, advice=advice)


def skipped(reason: str) -> Judgement:
    """This machine lacks what it requires."""
    return Judgement(Verdict.SKIP, reason, final=True)


def unknown(reason: str, *, advice: str = "") -> Judgement:
    """The lab could not tell."""
    return Judgement(Verdict.ERROR, reason, final=True, advice=advice)
