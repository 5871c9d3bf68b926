"""Several runs of one case, side by side.

Law: pure; the worst run counts, and runs that came to different verdicts are FLAKY.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lab.result import ScenarioResult
from lab.verdict import Verdict


class Runs(Struct, frozen=True):
    """All runs of a case; one at least."""

    results: tuple[ScenarioResult, ...]

    @property
    def worst(self) -> ScenarioResult:
        """The first of the worst."""
        return max(self.results, key=lambda result: result.verdict)

    @property
    def bad(self) -> int:
        """How many did not pass."""
        return sum(result.verdict >= Verdict.ERROR for result in self.results)

    @property
    def repeated(self) -> bool:
        """Whether it was to be run more than once."""
        return any(result.repeat for result in self.results)

    @property
    def flaky(self) -> bool:
        """Whether they disagree."""
        return len({result.verdict for result in self.results}) > 1


def by_case(results: Iterable[ScenarioResult]) -> list[Runs]:
    """The runs of each case, in the order of the cases."""
    found: dict[tuple[object, ...], list[ScenarioResult]] = {}
    for number, result in enumerate(results):
        one = (result.path, result.case) if result.repeat else (number,)
        found.setdefault(one, []).append(result)
    return [Runs(tuple(runs)) for runs in found.values()]
