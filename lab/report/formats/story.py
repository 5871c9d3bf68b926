"""What `lab run --story` prints: below each case what happened in it, in the order of time.

Law: text, then the story of each case; a story is bounded however much was written.
"""

from __future__ import annotations

from msgspec.structs import replace

from lab.report.case import Page
from lab.report.formats.text import text
from lab.report.run import ReportedRun
from lab.report.story import ON_TERMINAL
from lab.report.story import story as lines


def story(run: ReportedRun, page: Page) -> str:
    """The lines."""
    columns, paint = page.columns - 2, page.paint
    return text(run, replace(page, beneath=lambda found: lines(found, columns, paint, ON_TERMINAL)))
