"""One HTML file with everything: what the networks were, what happened when, and why.

Law: one file, which asks nothing of any network; see lab.report.html.
"""

from __future__ import annotations

from lab.report.case import Page
from lab.report.html.document import document
from lab.report.run import ReportedRun


def html(run: ReportedRun, page: Page) -> str:
    """The document."""
    return document(run, page)
