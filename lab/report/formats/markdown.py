"""A summary in Markdown, as GitHub shows it for a job and GitLab in a comment.

Law: no text of a program is read as Markdown or HTML: in a line every sign that could mean
something is a character reference, and blocks are fenced by more backticks than are in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from lab.report.bounded import cut
from lab.report.case import Page
from lab.report.escapes import harmless
from lab.report.paint import Paint
from lab.report.run import ReportedCase, ReportedRun, account, titles
from lab.report.summary import summary
from lab.report.words import counted, duration
from lab.verdict import Verdict

TABLE = 200  # rows of cases at most; those that went wrong come first
ACCOUNT = 16_384  # characters told of one case at most
WHOLE = 500_000  # characters in all: GitHub takes a mebibyte of UTF-8
REASON = 300

_MEANS = re.compile(r":(?! )|[^A-Za-z0-9 .,:;=%/?'\"()+-]")


def markdown(run: ReportedRun, page: Page) -> str:
    """The whole text."""
    *_, counts = summary(run.results, run.seconds, Paint(), page.named)
    sections = [section for section in _accounts(run, page) if section]
    sizes = accumulate(map(len, sections))
    kept = [section for section, size in zip(sections, sizes, strict=True) if size <= WHOLE]
    left = len(sections) - len(kept)
    parts = [
        f"## Socket Lab: {_plain(counts)}",
        "\n".join(_table(run)),
        *kept,
        f"{counted(left, 'more case')} went wrong." if left else "",
        "The run was interrupted." if run.interrupted else "",
        _plain(", ".join(f"{name} {value}" for name, value in run.about.items())),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(run: ReportedRun) -> Iterator[str]:
    if not run.cases:
        return
    yield "| verdict | case | time | reason |"
    yield "|---|---|--:|---|"
    rows = sorted(
        zip(titles(run.cases), run.cases, strict=True), key=lambda row: -row[1].result.verdict
    )
    for title, found in rows[:TABLE]:
        result = found.result
        verdict = result.verdict.name
        shown = f"**{verdict}**" if result.verdict >= Verdict.ERROR else verdict
        reason = _plain(cut(_flat(result.reason), REASON))
        yield f"| {shown} | {_plain(title)} | {duration(result.seconds)} | {reason} |"
    if len(rows) > TABLE:
        yield f"| | {counted(len(rows) - TABLE, 'more case')} | | |"


def _accounts(run: ReportedRun, page: Page) -> Iterator[str]:
    """A part to be opened for each case that went wrong, or left something behind."""
    for title, found in zip(titles(run.cases), run.cases, strict=True):
        result = found.result
        if result.verdict >= Verdict.ERROR or result.troubles:
            yield _account(title, found, page)


def _account(title: str, found: ReportedCase, page: Page) -> str:
    text = cut("\n".join(account(found, page)).rstrip("\n"), ACCOUNT)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text) or [""]))
    head = f"<details><summary>{found.result.verdict.name} {_plain(title)}</summary>"
    return f"{head}\n\n{fence}text\n{text}\n{fence}\n\n</details>"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """A line of text that means nothing but itself."""
    return _MEANS.sub(lambda found: f"&#{ord(found[0])};", _flat(harmless(text)))
