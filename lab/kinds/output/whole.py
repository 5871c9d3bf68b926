"""The claim that a block of lines is all of the output, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lab.kinds.output.matching import Line, follow
from lab.kinds.output.pattern import Pattern
from lab.kinds.output.stream import Stream, too_long
from lab.kinds.output.visible import NO_NEWLINE, brief
from lab.kinds.standing import silence, standing
from lab.source import Span
from lab.verdict import Difference, Judgement, failed, passed

if TYPE_CHECKING:
    from lab.kinds.output.alignment import Row
    from lab.source.located import Scalar


class Whole(Struct, frozen=True):
    """The block; `awaited`: asked of a running program, where an elision stands at both ends.

    `source` is the block as written, for who accepts other output.
    """

    patterns: tuple[Pattern, ...]
    span: Span
    awaited: bool = False
    source: Scalar | None = None

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        lines = [Line(pattern, bindings) for pattern in self.patterns]
        progress = follow(lines, stream.data)
        if progress.holds and not (stream.truncated and not progress.settled):
            return passed(final=progress.settled or stream.over)
        if stream.truncated and not progress.dead:
            return too_long(stream.name)
        final = progress.dead or stream.over
        return self._failure(lines, stream, final=final)

    def _failure(self, lines: Sequence[Line], stream: Stream, *, final: bool) -> Judgement:
        from lab.kinds.output.alignment import align, shown_rows  # noqa: PLC0415 - of failures only

        rows = align(lines, stream.data)
        wrong = next((row for row in rows if not row.equal), None)
        judgement = failed(
            f"{self._what(wrong, rows, lines, stream)}; {standing(stream.program)}",
            final=final,
            difference=Difference(shown_rows(rows, lines)),
            advice=_advice(wrong, lines, stream),
        )
        return replace(judgement, span=self._span(wrong, rows))

    def _what(
        self, wrong: Row | None, rows: Sequence[Row], lines: Sequence[Line], stream: Stream
    ) -> str:
        name = stream.name
        if wrong is None:
            return f"{name} is not what was asked for"
        if self.awaited:
            asked = [line.shown for line in lines if not line.elision]
            return f"{name} has not shown {_quoted(asked)}"
        number = 1 + sum(row.seen is not None for row in rows[: rows.index(wrong)])
        if wrong.expected is None:
            return f"{name} has a line that was not asked for, line {number}: {_seen(wrong)}"
        asked_line = lines[wrong.expected]
        if wrong.seen is None:
            return f"{name} lacks the line {asked_line.shown}"
        if asked_line.same_text(wrong.seen):
            ends = "ends in a newline" if wrong.ended else "does not end in a newline"
            return f"{name} {ends} after {brief(wrong.seen)}"
        return f"line {number} of {name} is {_seen(wrong)}, not {asked_line.shown}"

    def _span(self, wrong: Row | None, rows: Sequence[Row]) -> Span:
        """The line of the scenario that asked for what differs, or the nearest before it."""
        if wrong is None:
            return self.span
        before = rows[: rows.index(wrong) + 1]
        indices = [row.expected for row in before if row.expected is not None]
        return (self.patterns[indices[-1]].span if indices else None) or self.span


def _seen(row: Row) -> str:
    return brief(row.seen or b"") + ("" if row.ended else NO_NEWLINE)


def _quoted(asked: Sequence[str]) -> str:
    return asked[0] if len(asked) == 1 else f"these lines: {' / '.join(asked)}"


def _advice(wrong: Row | None, lines: Sequence[Line], stream: Stream) -> str:
    if stream.name == "stdout" and (advice := silence(stream.program)):
        return advice
    if wrong is None or wrong.expected is None or wrong.seen is None:
        return ""
    line = lines[wrong.expected]
    if not line.same_text(wrong.seen):
        return ""
    if line.pattern.ends is False and wrong.ended:
        return "the last newline counts: write the expected text as a block that begins with |"
    if line.pattern.ends and not wrong.ended:
        return "the last newline counts: a block that begins with |- expects none"
    return ""
