"""Lines for a log or a pipe: one as each case ends, with more detail in between when asked.

Law: a line says which case it is of, so lines of cases that run at once can be told apart.
"""

from lab.report.case import Page, case
from lab.report.escapes import harmless, shown
from lab.report.paint import Paint, Style
from lab.report.steps import mark
from lab.report.words import duration
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    NodeChanged,
    OutputSeen,
    PhaseBegan,
    Progress,
    StepEnded,
)


def lines(event: Progress, page: Page, *, verbose: bool) -> list[str]:
    """What to print when this happens; most events say something only when `verbose`."""
    if isinstance(event, CaseEnded):
        return case(event.result, page)
    if isinstance(event, CaseRemoved):
        return troubles(event, page.paint)
    said = detail(event, page.paint) if verbose else ""
    return [f"{page.paint(f'[{harmless(event.case)}]', Style.QUIET)} {said}"] if said else []


def troubles(event: CaseRemoved, paint: Paint) -> list[str]:
    """What could not be removed after the verdict was shown."""
    said = paint("trouble:", Style.DOUBT)
    return [f"{said} {harmless(event.case)}: {harmless(text)}" for text in event.troubles]


def detail(event: Progress, paint: Paint) -> str:
    """One event in a few words; empty for those too small to tell."""
    match event:
        case CaseBegan():
            return harmless(event.intent)
        case PhaseBegan():
            return event.phase
        case NodeChanged():
            how = f": {event.detail}" if event.detail else ""
            return harmless(f"{event.node} {event.state.value}{how}")
        case OutputSeen():
            last = event.line.removesuffix(b"\n")
            return f"{harmless(event.node)} | {shown(last)}"
        case StepEnded():
            title, took = harmless(event.result.title), duration(event.result.seconds)
            return f"{mark(event.result.verdict, paint)} {event.index + 1}. {title}  {took}"
        case _:
            return ""
