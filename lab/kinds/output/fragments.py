"""Claims about parts of the output: that they come, come in any order, or never come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lab.events import State
from lab.kinds.amount import AT_LEAST_ONE, MANY, Amount
from lab.kinds.output.bounded import Expression, Found
from lab.kinds.output.matching import Line
from lab.kinds.output.pattern import Pattern, Rule
from lab.kinds.output.stream import END, EXIT, Stream, still_missing, too_long
from lab.kinds.output.visible import brief, escaped
from lab.kinds.standing import silence, standing
from lab.source import Span
from lab.source.template import Template
from lab.verdict import Judgement, failed, passed


class Counted(Struct, frozen=True):
    """A pattern, and how often it must be there."""

    piece: Pattern
    amount: Amount = AT_LEAST_ONE


class Contains(Struct, frozen=True):
    """Every piece is somewhere in the output, as often as was asked for."""

    pieces: tuple[Counted, ...]

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        for counted in self.pieces:
            found = _count(counted, stream.data, bindings)
            if found not in counted.amount:
                judgement = _miscounted(counted, found, stream, bindings)
                return _with(judgement, counted.piece.span, stream)
        bounded = any(counted.amount.high < MANY for counted in self.pieces)
        if bounded and stream.truncated:
            return too_long(stream.name)
        return passed(final=stream.over or not bounded)


def _miscounted(
    counted: Counted, found: int, stream: Stream, bindings: Mapping[str, str]
) -> Judgement:
    shown, amount = counted.piece.shown(bindings), counted.amount
    if found > amount.high:
        times = f" {_times(found)}, not {amount}" if amount.high else ", which must not be there"
        what = f"{stream.name} contains {shown}{times}"
        return failed(f"{what}; {standing(stream.program)}", final=True)
    if not found:
        often = "" if amount.low == 1 else f", which must be there {_times(amount)}"
        return still_missing(stream, f"{stream.name} does not contain {shown}{often}")
    return still_missing(stream, f"{stream.name} contains {shown} {_times(found)}, not {amount}")


def _times(amount: Amount | int) -> str:
    return "once" if str(amount) == "1" else f"{amount} times"


class Matches(Struct, frozen=True):
    """A regular expression is found in the output; ^ and $ are those of lines."""

    expression: Template

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        source = self.expression.transform(bindings, str, re.escape)
        expression = Expression(source.encode(), source, self.expression.span, linear=False)
        if expression.first(stream.data):
            return passed(final=stream.over)
        what = f"nothing in {stream.name} matches {source}"
        return _with(still_missing(stream, what), self.expression.span, stream)


class AnyOrder(Struct, frozen=True):
    """These lines are all of the output, in whatever order; `...` lets others be."""

    patterns: tuple[Pattern, ...]

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        lines = [Line(p, bindings) for p in self.patterns if not p.elision]
        others = len(lines) < len(self.patterns)
        texts = stream.data.split(b"\n")
        tail = texts.pop()
        seen = texts + ([tail] if tail and stream.over else [])
        taken = _assign(lines, seen)
        if not others and None in taken:
            text = brief(seen[taken.index(None)])
            what = f"{stream.name} has a line that was not asked for: {text}"
            return failed(f"{what}; {standing(stream.program)}", final=True)
        for index, line in enumerate(lines):
            if index not in taken and not line.skippable:
                what = f"{stream.name} lacks the line {line.shown}"
                return _with(still_missing(stream, what), line.pattern.span, stream)
        if tail and not stream.over and not others:
            return failed(f"{stream.name} ends in an unfinished line, {brief(tail)}")
        if stream.truncated and not others:
            return too_long(stream.name)
        return passed(final=stream.over or others)


def _assign(lines: Sequence[Line], seen: Sequence[bytes]) -> list[int | None]:
    """For each line seen the expected one it stands for, as many as can be: Kuhn's matching."""
    owner: dict[int, int] = {}

    def place(text: int, tried: set[int]) -> bool:
        for index, line in enumerate(lines):
            if index not in tried and line.same_text(seen[text]):
                tried.add(index)
                if index not in owner or place(owner[index], tried):
                    owner[index] = text
                    return True
        return False

    for text in range(len(seen)):
        if len(owner) < len(lines):
            place(text, set())
    by_text = {text: index for index, text in owner.items()}
    return [by_text.get(text) for text in range(len(seen))]


class Never(Struct, frozen=True):
    """A piece does not come before something else does: the exit, a piece, the run's end."""

    piece: Pattern
    until: Pattern | str

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        data, over = self._before_until(stream, bindings)
        if found := _find(self.piece, data, bindings):
            what = f"{stream.name} contains {escaped(found[0])}, which must never come"
            return replace(failed(what, final=True), span=self.piece.span)
        if over:
            return passed(final=True)
        if stream.truncated:
            return too_long(stream.name)
        if self.until == END:
            return passed(final=stream.over)
        awaited = "the exit" if isinstance(self.until, str) else self.until.shown(bindings)
        what = f"{awaited}, until which it must not come, has not come"
        return failed(f"{what}; {standing(stream.program)}", final=stream.ended)

    def _before_until(self, stream: Stream, bindings: Mapping[str, str]) -> tuple[bytes, bool]:
        if isinstance(self.until, str):
            gone = stream.program.state is State.ENDED and stream.over and not stream.truncated
            return stream.data, self.until == EXIT and gone
        found = _find(self.until, stream.data, bindings)
        return (stream.data[: found.start()], True) if found else (stream.data, False)


def _count(counted: Counted, data: bytes, bindings: Mapping[str, str]) -> int:
    """How often the piece is there; of one that need only be there, whether it is."""
    if counted.amount == AT_LEAST_ONE:
        return int(_find(counted.piece, data, bindings) is not None)
    return _expression(counted.piece, bindings).count(data)


def _find(piece: Pattern, data: bytes, bindings: Mapping[str, str]) -> Found | None:
    return _expression(piece, bindings).first(data)


def _expression(piece: Pattern, bindings: Mapping[str, str]) -> Expression:
    source, linear = piece.expression(bindings), piece.rule in (Rule.PLAIN, Rule.ESCAPED)
    return Expression(source, piece.shown(bindings), piece.span, linear=linear)


def _with(judgement: Judgement, span: Span | None, stream: Stream) -> Judgement:
    advice = silence(stream.program) if stream.name == "stdout" else ""
    return replace(judgement, span=span, advice=judgement.advice or advice)
