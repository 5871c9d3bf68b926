"""Workflow commands of GitHub Actions: an annotation on the scenario's line for each bad case.

Law: one line each, escaped by the runner's own rules (`%`, CR, LF; in properties also `:` and
`,`), so that no text can begin another command.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lab.report.bounded import cut
from lab.report.case import Page
from lab.report.difference import difference
from lab.report.escapes import harmless
from lab.report.run import ReportedCase, ReportedRun, titles
from lab.source import Span, shown
from lab.verdict import Judgement, Verdict

MESSAGE = 4_000  # characters of an annotation at most
COLUMNS = 100


def github(run: ReportedRun, page: Page) -> str:
    """The commands, one a line."""
    lines = [
        line
        for title, case in zip(titles(run.cases), run.cases, strict=True)
        for line in _commands(title, case, page)
    ]
    return "".join(f"{line}\n" for line in lines)


def _commands(title: str, case: ReportedCase, page: Page) -> Iterator[str]:
    result = case.result
    if result.verdict >= Verdict.ERROR:
        bad = [found for found in result.judgements if found.verdict >= Verdict.ERROR]
        first = next((found for found in bad if found.span), bad[0] if bad else None)
        span = (first and first.span) or Span(result.path, 1, 1, 1, 1)
        text = "\n".join(_message(case, first, len(bad) - 1, page))
        yield _command("error", span, f"{result.verdict.name} {title}", text, page)
    for trouble in result.troubles:
        place = Span(result.path, 1, 1, 1, 1)
        yield _command("warning", place, f"trouble in {title}", harmless(trouble), page)


def _message(case: ReportedCase, first: Judgement | None, more: int, page: Page) -> Iterator[str]:
    result = case.result
    yield harmless(result.reason)
    if first is not None and first.difference is not None:
        yield from difference(first.difference, COLUMNS, page.paint)
    if first is not None and first.advice:
        yield f"help: {harmless(first.advice)}"
    elif result.help:
        yield f"help: {harmless(result.help)}"
    if more > 0:
        yield f"and {more} more"
    if case.again:
        yield f"run it again: {harmless(case.again)}"


def _command(name: str, span: Span, title: str, text: str, page: Page) -> str:
    place = {"file": _file(span.path, page), "line": span.line, "col": span.column, "title": title}
    if span.end_line == span.line and span.end_column > span.column:
        place["endColumn"] = span.end_column - 1
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    return f"::{name} {properties}::{_data(cut(text, MESSAGE))}"


def _file(path: Path, page: Page) -> str:
    """From the root of the repository, which is where GitHub looks for it."""
    full = path.absolute()
    if page.workspace and full.is_relative_to(page.workspace):
        return str(full.relative_to(page.workspace))
    return shown(path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(" ".join(harmless(text).split())).replace(":", "%3A").replace(",", "%2C")
