"""The steps of a case and how far it came.

Law: a step that was never reached is said to be so, not left out.
"""

from collections.abc import Sequence

from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless
from lab.report.paint import VERDICT_STYLES, Paint, Style
from lab.report.words import duration
from lab.result import StepResult
from lab.verdict import Verdict

TITLE = 50  # columns of a title at most


def steps(results: Sequence[StepResult], paint: Paint) -> list[str]:
    """A line for each step: its mark, number, title, time and line in the file."""
    titles = [cut(harmless(step.title.replace("\n", r"\n")), TITLE) for step in results]
    size = max((width(title) for title in titles), default=0)
    numbers = len(str(len(results)))
    return [
        f"{mark(step.verdict, paint)} {number:{numbers}}. {padded(title, size)}  "
        f"{_how(step, paint)}"
        for number, (step, title) in enumerate(zip(results, titles, strict=True), 1)
    ]


def mark(verdict: Verdict | None, paint: Paint) -> str:
    """Five columns: `ok`, `FAIL`, `ERROR`, `skip`, or `-` for a step never reached."""
    if verdict is None:
        return paint("-    ", Style.QUIET)
    word = {Verdict.PASS: "ok", Verdict.SKIP: "skip"}.get(verdict, verdict.name)
    return paint(f"{word:5}", VERDICT_STYLES[verdict])


def _how(step: StepResult, paint: Paint) -> str:
    took = "not reached" if step.verdict is None else duration(step.seconds)
    return f"{took:>11}  {paint(f'line {step.span.line}', Style.QUIET)}"
