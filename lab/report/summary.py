"""How many cases came to what.

Law: every verdict that occurred is counted; no case is left out, no run of one either.
"""

from collections import Counter
from collections.abc import Sequence

from lab.report.case import Named, named
from lab.report.escapes import harmless
from lab.report.paint import VERDICT_STYLES, Paint
from lab.report.repeats import Runs, by_case
from lab.report.words import counted, duration
from lab.result import ScenarioResult
from lab.verdict import Verdict

WORDS = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "in error",
    Verdict.SKIP: "skipped",
}
LISTED = 3  # with at least this many cases, those that went wrong are named again


def summary(
    results: Sequence[ScenarioResult], seconds: float, paint: Paint, named: Named = named
) -> list[str]:
    """`13 scenarios: 12 passed, 1 failed in 8.1 s`, and the names of those that went wrong.

    Of a case that was run several times there is one line, FLAKY where its runs disagree.
    """
    counts = Counter(result.verdict for result in results)
    parts = [
        paint(f"{counts[verdict]} {word}", VERDICT_STYLES[verdict])
        for verdict, word in WORDS.items()
        if counts[verdict]
    ]
    cases = by_case(results)
    what = counted(len(cases), "scenario")
    if len(results) > len(cases):
        what += f", {counted(len(results), 'run')}"
    line = f"{what}: {', '.join(parts) or 'nothing ran'} in {duration(seconds)}"
    bad = [runs for runs in cases if runs.worst.verdict >= Verdict.ERROR]
    listed = [runs for runs in bad if runs.repeated or len(results) >= LISTED]
    return [*(_line(runs, named(runs.worst), paint) for runs in listed), line]


def _line(runs: Runs, name: str, paint: Paint) -> str:
    word = "FLAKY" if runs.flaky else runs.worst.verdict.name
    verdict = paint(f"{word:5}", VERDICT_STYLES[runs.worst.verdict])
    often = f"{runs.bad}/{len(runs.results)} " if runs.repeated else ""
    reason = harmless(runs.worst.reason).split("\n")[0]
    return f"{verdict} {often}{harmless(name)}  {reason}"
