"""What pytest shows of the lab's, in the lab's own words.

Law: plain text, nothing a terminal would obey; the first line says it all, for pytest's summary.
"""

from __future__ import annotations

import linecache
import shlex
from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError
from lab.project import Project
from lab.report.case import Page, case, named
from lab.report.difference import difference
from lab.report.escapes import harmless
from lab.report.excerpt import excerpt
from lab.report.nodes import nodes
from lab.report.paint import Paint
from lab.result import NodeResult, ScenarioResult
from lab.source import InvalidScenario
from lab.verdict import Judgement

COLUMNS = 100  # as in a log


def said(error: LabError) -> str:
    """What went wrong and what to do about it."""
    if isinstance(error, InvalidScenario):
        return error.what
    help_text = f"\nhelp: {error.help}" if error.help else ""
    return harmless(error.what + help_text)


def told(result: ScenarioResult, project: Project | None, options: Sequence[str]) -> str:
    """How a case ended: the reason, then all that `lab run` prints.

    `options`: those by which `lab run` would run it as it was.
    """
    words = ("lab run", _again(result, project), *map(shlex.quote, options))
    page = Page(COLUMNS, Paint(), _line, again=lambda _: " ".join(words))
    first = " ".join(harmless(result.reason).split())
    return "\n".join([first, "", *case(result, page)]).rstrip()


def judged(found: Judgement, seen: Sequence[NodeResult], file: Path, title: str = "") -> str:
    """Why something was not seen: the reason, then both sides, then what was seen of all nodes.

    `title` is the step's, where it is one of this file.
    """
    subject = f"{found.subject}: " if found.subject else ""
    lines = [harmless(f"{subject}{found.reason}")]
    if title and found.span is not None and found.span.path == file:
        lines += ["", f"at step: {harmless(title)}", *excerpt(found.span, _line, Paint())]
    if found.difference is not None:
        lines += ["", *(f"  {row}" for row in difference(found.difference, COLUMNS, Paint()))]
    if found.advice:
        lines += ["", f"help: {harmless(found.advice)}"]
    return "\n".join([*lines, "", *nodes(seen, COLUMNS, Paint())]).rstrip()


def _again(result: ScenarioResult, project: Project | None) -> str:
    """The word after `lab run`: the case's name where the lab finds it by that."""
    known = project is not None and result.path.is_relative_to(project.root / "scenarios")
    return named(result) if known else shlex.quote(str(result.path))


def _line(path: Path, number: int) -> str | None:
    return linecache.getline(str(path), number).rstrip("\r\n") or None
