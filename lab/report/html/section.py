"""One case in the file: opened where it went wrong, at its cause.

Law: what a person needs to act comes first: why, then the story, then the rest.
"""

from __future__ import annotations

from lab.report.bounded import cut
from lab.report.case import Page
from lab.report.html.cause import TEXT, cause, held
from lab.report.html.drawing import drawing
from lab.report.html.ladder import ladder, verdict
from lab.report.html.machines import machines
from lab.report.html.markup import Child, Markup, element
from lab.report.impairments import impairments
from lab.report.paint import Paint
from lab.report.run import ReportedCase
from lab.report.words import duration
from lab.result import ScenarioResult
from lab.source import shown
from lab.story.telling import story
from lab.verdict import Verdict


def section(
    case: ReportedCase, title: str, page: Page, *, number: int, room: int, output: int
) -> Markup:
    """The case; `room` entries of its story, `output` bytes of what was written."""
    result = case.result
    bad = result.verdict >= Verdict.ERROR
    head = element(
        "summary",
        element(
            "h2",
            verdict(result.verdict),
            " ",
            title,
            " ",
            element("small", duration(result.seconds)),
        ),
    )
    parts: list[Child] = [
        element("p", result.intent, class_="intent"),
        element("p", _where(case), class_="note"),
        *(
            element("p", f"trouble: {cut(trouble, TEXT)}", class_="advice")
            for trouble in result.troubles
        ),
        cause(result, page, number),
    ]
    if result.verdict is Verdict.SKIP:
        parts.append(element("p", cut(result.reason, TEXT)))
    else:
        parts += _course(case, title, room, output)
    return element(
        "details",
        head,
        *parts,
        id=f"case-{number}",
        open=bad,
        class_=f"case {result.verdict.name.lower()}",
    )


def _where(case: ReportedCase) -> str:
    said = [shown(case.result.path)]
    said += [f"run it again: {case.again}"] if case.again else []
    said += [f"all that is known of it: {case.folder}"] if case.folder else []
    return "; ".join(said)


def _course(case: ReportedCase, title: str, room: int, output: int) -> list[Child]:
    result = case.result
    nodes = [node.node for node in result.nodes]
    picture = drawing(result)
    parts: list[Child] = []
    if picture is not None:
        parts += [element("h3", "Machines and networks"), _figure(picture)]
    if nodes:
        told = ladder(story(result, room), nodes, title)
        parts += [element("h3", "What happened"), told]
        parts += [element("h3", "What each wrote"), machines(result, output, case.folder)]
    parts += [_impaired(result), _steps(result), held(result)]
    return parts


def _figure(picture: Markup) -> Markup:
    return element("figure", picture, class_="drawn", tabindex="0", aria_label="topology")


def _impaired(result: ScenarioResult) -> Markup | None:
    """On how many packets each impairment fell."""
    lines = impairments(result.impairments, result.seed, Paint())
    if not lines:
        return None
    rows = [element("li", line.strip()) for line in lines[1:]]
    return element("div", element("p", lines[0]), element("ul", *rows), class_="impaired")


def _steps(result: ScenarioResult) -> Markup | None:
    if not result.steps:
        return None
    rows = [
        element(
            "tr",
            element("td", verdict(step.verdict) if step.verdict is not None else "-"),
            element("td", f"{number}. {step.title}"),
            element("td", "not reached" if step.verdict is None else duration(step.seconds)),
            element("td", f"line {step.span.line}"),
        )
        for number, step in enumerate(result.steps, 1)
    ]
    table = element("table", element("tbody", *rows), class_="steps")
    return element("details", element("summary", "Steps"), table, class_="held")
