"""One case on a terminal or in a log: a line when it passed, everything known when it did not.

Law: pure; what a person needs to act comes first (where, what, expected and seen), what helps
to find out why after it (the nodes, the steps), how to look for oneself last.
"""

import shlex
import sys
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from lab.events import ProcessRecord
from lab.report.columns import wrapped
from lab.report.difference import difference
from lab.report.escapes import harmless
from lab.report.excerpt import Source, excerpt
from lab.report.impairments import impairments
from lab.report.nodes import nodes
from lab.report.paint import VERDICT_STYLES, Paint, Style
from lab.report.steps import steps
from lab.report.words import counted, duration
from lab.result import ScenarioResult
from lab.verdict import Judgement, Verdict

JUDGEMENTS = 5  # shown in full


Named = Callable[[ScenarioResult], str]
Beneath = Callable[[ScenarioResult], list[str]]


def named(result: ScenarioResult) -> str:
    """The word after `lab run` that selects this case of a project, quoted for a shell."""
    return shlex.quote(result.case)


class Page(Struct, frozen=True):
    """What a report is written for: `columns` wide; `source` reads lines of scenario files.

    Sentences are broken at `wrap` columns, which is only done for terminals. `workspace` is the
    folder of the repository, where that is known; `again` makes the command that runs a case once
    more, where it takes more than its name. `beneath` makes what is shown of a case below all else.
    """

    columns: int
    paint: Paint
    source: Source
    named: Named = named
    wrap: int = sys.maxsize
    workspace: str = ""
    again: Named | None = None
    beneath: Beneath | None = None


def case(result: ScenarioResult, page: Page) -> list[str]:
    """The lines that tell how the case ended."""
    head = [headline(result, page.paint)]
    beneath = _beneath(result, page)
    if result.verdict <= Verdict.PASS:
        return [*head, *_troubles(result, page), *beneath]
    return [*head, *_account(result, page), "", *beneath]


def _beneath(result: ScenarioResult, page: Page) -> list[str]:
    """What is asked for besides, of a case that was run."""
    if page.beneath is None or result.verdict is Verdict.SKIP:
        return []
    return [*(f"  {line}".rstrip() for line in page.beneath(result)), ""]


def headline(result: ScenarioResult, paint: Paint) -> str:
    """One line: the verdict, the case, how long it took; why, where it was skipped."""
    verdict = paint(f"{result.verdict.name:5}", VERDICT_STYLES[result.verdict])
    took = paint(duration(result.seconds), Style.QUIET)
    name = f"{result.case} #{result.repeat}" if result.repeat else result.case
    line = f"{verdict} {paint(harmless(name), Style.STRONG)}  {took}"
    skipped = result.verdict is Verdict.SKIP and result.reason
    return f"{line}  {_flat(result.reason)}" if skipped else line


def _flat(text: str) -> str:
    return " ".join(harmless(text).split())


def _account(result: ScenarioResult, page: Page) -> list[str]:
    room = replace(page, columns=page.columns - 2, wrap=page.wrap - 2)
    parts = [
        wrapped(harmless(result.intent), room.wrap),
        *_reasons(result, room),
        *(_course(result, room) if _began(result) else []),
        _troubles(result, page),
        _again(result, page),
    ]
    lines: list[str] = []
    for part in filter(None, parts):
        lines += [*part, ""]
    return [f"  {line}" if line else "" for line in lines[:-1]]


def _began(result: ScenarioResult) -> bool:
    """Whether there is anything to tell of nodes and steps."""
    reached = any(step.verdict is not None for step in result.steps)
    return reached or any(node.program != ProcessRecord() for node in result.nodes)


def _course(result: ScenarioResult, page: Page) -> list[list[str]]:
    blamed = {found.subject for found in result.judgements if found.verdict >= Verdict.ERROR}
    return [
        nodes(result.nodes, page.columns, page.paint, blamed),
        steps(result.steps, page.paint),
        impairments(result.impairments, result.seed, page.paint),
    ]


def _reasons(result: ScenarioResult, page: Page) -> list[list[str]]:
    bad = [found for found in result.judgements if found.verdict >= Verdict.ERROR]
    said = [_judgement(found, page) for found in bad[:JUDGEMENTS]]
    if len(bad) > JUDGEMENTS:
        said.append([f"... and {counted(len(bad) - JUDGEMENTS, 'more judgement')} like these"])
    if not any(result.reason in (found.reason, _full(found)) for found in bad):
        said.insert(0, _reason(result.reason, page))
    if result.help and all(result.help != found.advice for found in bad):
        said.append(_help(result.help, page))
    return [*said, *(_advice("likely:", text, page) for text in likely(result))]


def likely(result: ScenarioResult) -> tuple[str, ...]:
    """What explains a failure, as far as what was seen does, and is not said already."""
    if result.verdict is not Verdict.FAIL:
        return ()
    from lab.story.explanations import explanations  # noqa: PLC0415 - of failures only

    known = [found.advice for found in result.judgements if found.advice]
    found = explanations(result)
    return tuple(text for text in found if not any(advice in text for advice in known))


def _judgement(found: Judgement, page: Page) -> list[str]:
    where = excerpt(found.span, page.source, page.paint) if found.span else []
    lines = [*where, *_reason(_full(found), page)]
    if found.difference is not None:
        rows = difference(found.difference, page.columns - 2, page.paint)
        lines += ["", *(f"  {row}" for row in rows)]
    if found.advice:
        lines += [*([""] if found.difference else []), *_help(found.advice, page)]
    return lines


def _full(found: Judgement) -> str:
    """The reason with whom it is about, as a result's own reason says it."""
    return f"{found.subject}: {found.reason}" if found.subject else found.reason


def _reason(reason: str, page: Page) -> list[str]:
    return [page.paint(line, Style.BAD) for line in wrapped(harmless(reason), page.wrap, "  ")]


def _help(text: str, page: Page) -> list[str]:
    return _advice("help:", text, page)


def _advice(word: str, text: str, page: Page) -> list[str]:
    first, *rest = wrapped(f"{word} {harmless(text)}", page.wrap, "      ")
    return [page.paint(word, Style.DOUBT) + first.removeprefix(word), *rest]


def _troubles(result: ScenarioResult, page: Page) -> list[str]:
    said = page.paint("trouble:", Style.DOUBT)
    return [f"{said} {_flat(trouble)}" for trouble in result.troubles]


def _again(result: ScenarioResult, page: Page) -> list[str]:
    command = page.again(result) if page.again else f"lab run {page.named(result)}"
    return [f"run it again and keep its machines: {harmless(command)} --keep"]
