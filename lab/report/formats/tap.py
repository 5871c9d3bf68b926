r"""TAP version 14, with a YAML block under each case that did not pass.

Law: each text of a program is one quoted YAML scalar a line, so nothing it wrote can end the
block or begin a line of TAP. A FAIL and an ERROR are `not ok`, and `severity` tells them apart.
In a description `#` is `\x23`: readers of older versions would take it for a directive.
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.report.bounded import cut, outputs
from lab.report.case import Page
from lab.report.escapes import harmless
from lab.report.run import ReportedCase, ReportedRun, titles
from lab.source import Span
from lab.verdict import Judgement, Verdict

ROOM = 16_384  # bytes of each stream's output at most
TEXT = 2_000  # characters of a sentence at most
JUDGEMENTS = 20
ROWS = 40


def tap(run: ReportedRun, page: Page) -> str:  # noqa: ARG001 - the form of a format
    """The whole stream of lines."""
    lines = [
        "TAP version 14",
        f"1..{len(run.cases)}" + ("" if run.cases else " # SKIP nothing ran"),
    ]
    lines += [f"# {name}: {_flat(value)}" for name, value in run.about.items()]
    for number, (title, case) in enumerate(zip(titles(run.cases), run.cases, strict=True), 1):
        lines += _point(number, title, case)
    if run.interrupted:
        lines.append("Bail out! interrupted")
    return "\n".join(lines) + "\n"


def _point(number: int, title: str, case: ReportedCase) -> Iterator[str]:
    result = case.result
    word = "ok" if result.verdict <= Verdict.PASS else "not ok"
    skip = f" # SKIP {_flat(result.reason)}" if result.verdict is Verdict.SKIP else ""
    yield f"{word} {number} - {_description(title)}{skip}"
    if result.verdict is not Verdict.SKIP:
        yield "  ---"
        yield from (f"  {line}" for line in _diagnostics(case))
        yield "  ..."


def _diagnostics(case: ReportedCase) -> Iterator[str]:
    result = case.result
    yield f"duration_ms: {result.seconds * 1000:.0f}"
    yield from _texts("troubles", list(result.troubles))
    if result.verdict is Verdict.PASS:
        return
    yield f"severity: {'fail' if result.verdict is Verdict.FAIL else 'error'}"
    yield f"message: {_quoted(cut(harmless(result.reason), TEXT))}"
    yield f"intent: {_quoted(harmless(result.intent))}"
    bad = [found for found in result.judgements if found.verdict >= Verdict.ERROR]
    span = next((found.span for found in bad if found.span), None)
    yield f"at: {_quoted(_place(span) if span else harmless(str(result.path)))}"
    if bad:
        yield "judgements:"
        for found in bad[:JUDGEMENTS]:
            yield from _judgement(found)
    if len(bad) > JUDGEMENTS:
        yield f"judgements_left_out: {len(bad) - JUDGEMENTS}"
    yield from _texts("help", [result.help] if result.help else [])
    for stream in ("stdout", "stderr"):
        yield from _list(stream, outputs(result.nodes, ROOM, stream))
    yield from _texts("kept", [case.folder] if case.folder else [])
    yield from _texts("again", [case.again] if case.again else [])


def _judgement(found: Judgement) -> Iterator[str]:
    yield f"  - verdict: {found.verdict.name}"
    if found.subject:
        yield f"    subject: {_quoted(harmless(found.subject))}"
    yield f"    reason: {_quoted(cut(harmless(found.reason), TEXT))}"
    if found.span:
        yield f"    at: {_quoted(_place(found.span))}"
    if found.difference:
        rows = [row for row in found.difference.rows if not row[2]]
        expected = [row[0] for row in rows[:ROWS] if row[0] is not None]
        seen = [row[1] for row in rows[:ROWS] if row[1] is not None]
        for line in (*_texts("expected", expected), *_texts("seen", seen)):
            yield f"    {line}"
        if len(rows) > ROWS:
            yield f"    rows_left_out: {len(rows) - ROWS}"
    if found.advice:
        yield f"    help: {_quoted(cut(harmless(found.advice), TEXT))}"


def _place(span: Span) -> str:
    return harmless(str(span))


def _texts(key: str, texts: list[str]) -> Iterator[str]:
    return _list(key, [cut(harmless(text), TEXT) for text in texts])


def _list(key: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"{key}:"
    yield from (f"  - {_quoted(line)}" for line in lines)


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar on one line; the text is printable but for newlines and tabs."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    escaped = escaped.replace("\t", r"\t").replace("##[", r"#\x23[")  # a command of build logs
    return f'"{escaped}"'


def _flat(text: str) -> str:
    return " ".join(harmless(text).split()).replace("#", r"\x23")


def _description(title: str) -> str:
    return _flat(title).replace("\\", r"\\")
