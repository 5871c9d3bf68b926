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
    "text": "what lab run prints",
}


def render(name: str, run: ReportedRun, page: Page) -> str:
    """The run in that format. KeyError for a name that is none."""
    if name not in FORMATS:
        raise KeyError(name)
    text = getattr(importlib.import_module(f"{__name__}.{name}"), name)(run, page)
    if not isinstance(text, str):
        raise TypeError(f"{__name__}.{name} made no text")
    return text
