"""Every format a whole run can be rendered in: one module each, with a function of its name.

Law: rendering is pure; a format's module is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from lab.report.case import Page
from lab.report.run import ReportedRun

FORMATS: Mapping[str, str] = {
    "junit": "XML for GitLab, Jenkins and others that show test results",
    "tap": "TAP version 14, for provers",
    "github": "annotations on the scenario's line, as GitHub Actions reads them from a log",
    "markdown": "a summary with what went wrong, for a job's page or a comment",
    "jsonl": "a line of JSON for each case, as lab run --json writes it",
    "html": "one file for a browser: networks, what happened when, both sides of what differs",
    "text": "what lab run prints",
    "story": "the same, and below each case what happened in it, in the order of time",
}
WHOLE = frozenset({"html", "story"})  # show packets and calls also of a case that passed


def render(name: str, run: ReportedRun, page: Page) -> str:
    """The run in that format. KeyError for a name that is none."""
    if name not in FORMATS:
        raise KeyError(name)
    text = getattr(importlib.import_module(f"{__name__}.{name}"), name)(run, page)
    if not isinstance(text, str):
        raise TypeError(f"{__name__}.{name} made no text")
    return text
