"""A whole run as `lab run` prints it.

Law: the lines are those of `case` and `summary`.
"""

from lab.report.case import Page
from lab.report.run import ReportedRun, account
from lab.report.summary import summary


def text(run: ReportedRun, page: Page) -> str:
    """The lines, and what was left out where it was interrupted."""
    lines = [line for found in run.cases for line in account(found, page)]
    lines += summary(run.results, run.seconds, page.paint, page.named)
    lines += ["interrupted: not all of them were run"] if run.interrupted else []
    return "".join(f"{line}\n" for line in lines)
