"""How many cases came to what.

Law: every verdict that occurred is counted; no case is left out.
"""

from collections import Counter
from collections.abc import Sequence

from lab.report.case import Named, named
from lab.report.escapes import harmless
from lab.report.paint import VERDICT_STYLES, Paint
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
    """`13 scenarios: 12 passed, 1 failed in 8.1 s`, and the names of those that went wrong."""
    counts = Counter(result.verdict for result in results)
    parts = [
        paint(f"{counts[verdict]} {word}", VERDICT_STYLES[verdict])
        for verdict, word in WORDS.items()
        if counts[verdict]
    ]
    what = counted(len(results), "scenario")
    line = f"{what}: {', '.join(parts) or 'nothing ran'} in {duration(seconds)}"
    bad = [result for result in results if result.verdict >= Verdict.ERROR]
    listed = bad if len(results) >= LISTED else []
    return [*(_line(result, named(result), paint) for result in listed), line]


def _line(result: ScenarioResult, name: str, paint: Paint) -> str:
    verdict = paint(f"{result.verdict.name:5}", VERDICT_STYLES[result.verdict])
    reason = harmless(result.reason).split("\n")[0]
    return f"{verdict} {harmless(name)}  {reason}"
