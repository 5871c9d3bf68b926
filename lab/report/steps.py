"""The steps of a case and how far it came.

Law: a step that was never reached is said to be so, not left out.
"""

from collections.abc import Sequence

from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless
from lab.report.paint import VERDICT_STYLES, Paint, Style
from lab.report.words import counted, duration
from lab.result import StepResult
from lab.verdict import Verdict

MOST = 40  # steps shown
TITLE = 50  # columns of a title at most


def steps(results: Sequence[StepResult], paint: Paint) -> list[str]:
    """A line for each step: its mark, number, title, time and line in the file.

    Of very many those around the last one that was done; the others are counted.
    """
    done = sum(step.verdict is not None for step in results)
    first = max(min(done - MOST // 2, len(results) - MOST), 0)
    picked = results[first : first + MOST]
    titles = [cut(harmless(step.title.replace("\n", r"\n")), TITLE) for step in picked]
    size = max((width(title) for title in titles), default=0)
    numbers = len(str(first + len(picked)))
    lines = [
        f"{mark(step.verdict, paint)} {number:{numbers}}. {padded(title, size)}  "
        f"{_how(step, paint)}"
        for number, (step, title) in enumerate(zip(picked, titles, strict=True), first + 1)
    ]
    last = len(results) - first - len(picked)
    before = [f"({counted(first, 'earlier step')} not shown)"] if first else []
    after = [f"({counted(last, 'later step')} not shown)"] if last else []
    return [*_quiet(before, paint), *lines, *_quiet(after, paint)]


def _quiet(lines: list[str], paint: Paint) -> list[str]:
    return [paint(line, Style.QUIET) for line in lines]


def mark(verdict: Verdict | None, paint: Paint) -> str:
    """Five columns: `ok`, `FAIL`, `ERROR`, `skip`, or `-` for a step never reached."""
    if verdict is None:
        return paint("-    ", Style.QUIET)
    word = {Verdict.PASS: "ok", Verdict.SKIP: "skip"}.get(verdict, verdict.name)
    return paint(f"{word:5}", VERDICT_STYLES[verdict])


def _how(step: StepResult, paint: Paint) -> str:
    took = "not reached" if step.verdict is None else duration(step.seconds)
    return f"{took:>11}  {paint(f'line {step.span.line}', Style.QUIET)}"
