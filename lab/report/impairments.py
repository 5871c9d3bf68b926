"""What came of the impairments of a case.

Law: for each, on how many packets each effect fell, of how many that it fits; and by which seed.
Where the kernel's netem did it, or a part of it, that is said; else it was the lab itself.
"""

from collections.abc import Mapping, Sequence

from lab.report.escapes import harmless
from lab.report.paint import Paint, Style
from lab.report.words import counted
from lab.result import ImpairmentResult


def impairments(results: Sequence[ImpairmentResult], seed: str, paint: Paint) -> list[str]:
    """A line for each, in the order they began; the seed first."""
    if not results:
        return []
    head = f"links were impaired, by the seed {harmless(seed)}:"
    return [head, *(_line(each, paint) for each in results)]


def _line(each: ImpairmentResult, paint: Paint) -> str:
    place = paint(f"line {each.span.line}", Style.QUIET)
    return f"  {harmless(each.title)}: {_counts(each.counts)}{_by(each.by)}  {place}"


def _by(ways: Sequence[str]) -> str:
    return f", by {' and '.join(ways)}" if "netem" in ways else ""


def _counts(counts: Mapping[str, int]) -> str:
    fell = ", ".join(f"{word} {number}" for word, number in counts.items() if word != "seen")
    return f"{fell} of {counted(counts.get('seen', 0), 'packet')}"
