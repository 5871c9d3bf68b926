"""A line of JSON for each case.

Law: the lines are those of `record`, in the order of the cases.
"""

from lab.report.case import Page
from lab.report.record import record
from lab.report.run import ReportedRun


def jsonl(run: ReportedRun, page: Page) -> str:  # noqa: ARG001 - the form of a format
    """The lines."""
    return "".join(f"{record(result)}\n" for result in run.results)
