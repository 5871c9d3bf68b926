"""What reports of a whole run are made of: its cases in order, and what they ran with.

Law: plain frozen data. What is not known is empty, and reports leave it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from lab.report.case import Page, case
from lab.result import ScenarioResult


class ReportedCase(Struct, frozen=True):
    """One case: `began` in seconds since 1970; `folder` is where all of it is kept.

    `again` is the command that runs it once more.
    """

    result: ScenarioResult
    began: float | None = None
    folder: str = ""
    again: str = ""


class ReportedRun(Struct, frozen=True):
    """What one command ran, in `seconds` on the clock on the wall.

    `about`: versions and the like, by name. `interrupted`: not all cases were run.
    """

    cases: tuple[ReportedCase, ...]
    seconds: float = 0.0
    began: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def results(self) -> tuple[ScenarioResult, ...]:
        """Of all cases, in order."""
        return tuple(each.result for each in self.cases)


def account(found: ReportedCase, page: Page) -> list[str]:
    """The case as it is told to people, with the command that it was run by."""
    again = (lambda _: found.again) if found.again else page.again
    return case(found.result, replace(page, again=again))


def titles(cases: Sequence[ReportedCase]) -> list[str]:
    """The name of each case; from its second run on, with `(2)` and so on behind it.

    Readers of reports take two entries of one name for the same.
    """
    seen: dict[tuple[str, str], int] = {}
    found = []
    for result in (each.result for each in cases):
        key = str(result.path), result.case
        seen[key] = max(result.repeat, seen.get(key, 0) + 1)
        found.append(f"{result.case} ({seen[key]})" if seen[key] > 1 else result.case)
    return found
