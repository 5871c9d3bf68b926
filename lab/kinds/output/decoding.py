"""How claims about a stream are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lab.kinds.amounts import HIGH, LOW, ONE_BOUND, bounds
from lab.kinds.output.expectation import OutputExpectation
from lab.kinds.output.golden import GoldenFile
from lab.kinds.output.pattern import ELISION, Pattern, Rule, fault, split_rule
from lab.kinds.output.stream import MOMENTS, Claim
from lab.kinds.output.whole import Whole
from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar
from lab.source.scope import Scope, nearest
from lab.source.shapes import (
    ByForm,
    Field,
    ListOf,
    OneOrMany,
    Read,
    Record,
    Schema,
    Unreadable,
    refused,
)
from lab.source.shapes.advice import for_text
from lab.source.shapes.scalars import PLAIN_TEXT, TEXT_SCHEMA, UNFINISHED_HELP
from lab.source.shapes.shape import scalar
from lab.source.span import Span
from lab.source.template import Template

if TYPE_CHECKING:
    from lab.kinds.output.fragments import Counted


class Block:
    """All of the output: lines with their rules; the last newline counts."""

    def read(self, value: Located, scope: Scope) -> tuple[Claim, ...]:
        found = scalar(value, scope, "a block of lines", 'write the lines after |, or "" for none')
        return (block(found, found.span, scope),)

    def schema(self) -> Schema:
        return TEXT_SCHEMA


def block(found: Scalar, span: Span, scope: Scope) -> Whole:
    """The claim of a block of lines. Raises Unreadable."""
    lines = found.text.split("\n")
    newline = lines[-1] == ""
    if newline:
        lines.pop()
    patterns = [
        line_pattern(found, index, text, True if index < len(lines) - 1 else newline, scope)
        for index, text in enumerate(lines)
    ]
    if scope.awaiting:
        return _awaited(patterns, found, newline=newline)
    return Whole(tuple(patterns), span, source=found)


def _awaited(patterns: list[Pattern], found: Scalar, *, newline: bool) -> Whole:
    """Lines to wait for: whatever else came before and comes after."""
    anything = Pattern(Rule.PLAIN, Template(ELISION))
    if patterns and not newline:
        last = patterns[-1]
        patterns[-1] = Pattern(last.rule, last.template, last.optional, None, last.span)
    return Whole((anything, *patterns, anything), found.span, awaited=True)


def line_pattern(found: Scalar, index: int, text: str, ends: bool | None, scope: Scope) -> Pattern:
    """Line `index` of a scalar. Raises Unreadable, its problem noted at that line."""
    rule, body, optional = split_rule(text)
    span = found.line_span(index)
    pattern = Pattern(rule, template_at(found, span, body, scope), optional, ends, span)
    if wrong := fault(pattern):
        raise refused(scope, span, f"{quote(body)} cannot be read {wrong}", _MEND[rule])
    return pattern


REGEX_HELP = r"write a Python regular expression; \[ and \( stand for the characters themselves"
_MEND = {
    Rule.PLAIN: "",
    Rule.REGEX: REGEX_HELP,
    Rule.GLOB: "",
    Rule.ESCAPED: r"write \\ for a backslash",
}


def template_at(found: Scalar, span: Span, body: str, scope: Scope) -> Template:
    """A template for one line of a scalar, its references noted for checking."""
    template = Template(body, span)
    exact = span != found.span or (found.plain and span.line == span.end_line)
    part = replace(span, end_line=span.line, end_column=span.column + len(body))
    line = Scalar(body, "", part) if exact else found
    if (place := template.unfinished) is not None:
        what = "${ begins a reference that does not end"
        raise refused(scope, line.part_span(place, place + 2), what, UNFINISHED_HELP)
    if template.references:
        scope.templates.append((template, line))
    return template


class Piece:
    """One piece of output: text by its rule, not tied to whole lines."""

    def __init__(self, *, line: bool = False) -> None:
        self._line = line

    def read(self, value: Located, scope: Scope) -> Pattern:
        found = scalar(value, scope, "text", PLAIN_TEXT)
        if not found.text:
            raise refused(scope, value.span, "empty text is in any output", "write what must come")
        return line_pattern(found, 0, found.text, None, scope)

    def schema(self) -> Schema:
        return {**TEXT_SCHEMA, "minLength": 1}


COUNTED_HELP = "write contains: [text, {text: text, at-least: 3}]"


def _has_key_of(record: Record, value: Mapping, scope: Scope) -> bool:
    """Whether a mapping is meant to be this record, however wrong it may be, and not a line."""
    keys = [key.text for key, _ in value.pairs if isinstance(key, Scalar)]
    nodes = scope.names.get("node", {})
    return not keys or any(
        key not in nodes and nearest(key, record.fields) in record.fields for key in keys
    )


class Counting:
    """{text: ..., at-least: N}"""

    text = Field("text", Piece(), "what must come", required=True)
    _record = Record("what must come", text, LOW, HIGH, also=ONE_BOUND)

    def read(self, value: Located, scope: Scope) -> Counted:
        if isinstance(value, Mapping) and not _has_key_of(self._record, value, scope):
            what = "text belongs here, not a mapping"
            raise refused(scope, value.span, what, for_text(value, scope) or COUNTED_HELP)
        from lab.kinds.output.fragments import Counted  # noqa: PLC0415 - seldom needed

        read = self._record.read(value, scope)
        return Counted(read[self.text], bounds(read, value, scope))

    def schema(self) -> Schema:
        return self._record.schema()


class Once:
    """A piece, once at least."""

    _piece = Piece()

    def read(self, value: Located, scope: Scope) -> Counted:
        from lab.kinds.output.fragments import Counted  # noqa: PLC0415 - as above

        return Counted(self._piece.read(value, scope))

    def schema(self) -> Schema:
        return self._piece.schema()


COUNTED: ByForm[Counted] = ByForm("text", COUNTED_HELP, scalar=Once(), mapping=Counting())


class Expression:
    """A regular expression with references."""

    def read(self, value: Located, scope: Scope) -> Template:
        found = scalar(value, scope, "a regular expression", REGEX_HELP)
        template = template_at(found, found.span, found.text, scope)
        if wrong := fault(Pattern(Rule.REGEX, template)):
            raise refused(
                scope, found.span, f"{quote(found.text)} cannot be read {wrong}", REGEX_HELP
            )
        return template

    def schema(self) -> Schema:
        return TEXT_SCHEMA


class Moment:
    """When `never` is over."""

    def read(self, value: Located, scope: Scope) -> Pattern | str:
        found = scalar(value, scope, "exit, end or a text", PLAIN_TEXT)
        if found.text in MOMENTS:
            return found.text
        return Piece().read(value, scope)

    def schema(self) -> Schema:
        return TEXT_SCHEMA


CONTAINS = Field(
    "contains", OneOrMany(COUNTED), "texts that must come, in any order; {text: ..., at-least: 3}"
)
MATCHES = Field("matches", Expression(), "a regular expression that must be found")
ANY_ORDER = Field("any-order", ListOf(Piece(), at_least=1), "all lines, in whatever order")
NEVER = Field("never", Piece(), "a text that must not come until `until`")
FILE = Field("file", GoldenFile(), "a golden file, beside or below this one: all lines, in order")
UNTIL = Field("until", Moment(), "exit, end (of the run), or a text: how long `never` must hold")


CLAIMS = Record(
    "this expectation",
    *(CONTAINS, MATCHES, ANY_ORDER, FILE, NEVER, UNTIL),
    also={"minProperties": 1, "dependentRequired": {"never": ["until"], "until": ["never"]}},
)


class Claims:
    """The mapping form: what is said of parts of the output."""

    def read(self, value: Located, scope: Scope) -> tuple[Claim, ...]:
        if isinstance(value, Mapping) and not _has_key_of(CLAIMS, value, scope):
            what = "lines of output belong here, or what is expected of them"
            raise refused(scope, value.span, what, "begin the lines with |: stdout: |")
        read = CLAIMS.read(value, scope)
        claims = tuple(_claims(read, value, scope))
        if isinstance(value, Mapping) and not value.pairs:
            what = "this expectation says nothing"
            scope.problems.add(value.span, what, "write a block of lines, or contains: [...]")
        if not claims:
            raise Unreadable
        return claims

    def schema(self) -> Schema:
        return CLAIMS.schema()


def _claims(read: Read, value: Located, scope: Scope) -> Iterator[Claim]:
    from lab.kinds.output import fragments  # noqa: PLC0415 - most scenarios ask for whole blocks

    if FILE in read:
        yield block(read[FILE], value.span, scope)
    if CONTAINS in read:
        yield fragments.Contains(read[CONTAINS])
    if MATCHES in read:
        yield fragments.Matches(read[MATCHES])
    if ANY_ORDER in read:
        yield fragments.AnyOrder(read[ANY_ORDER])
    if NEVER in read and UNTIL in read:
        yield fragments.Never(read[NEVER], read[UNTIL])
    elif NEVER in read:
        what = '"never" needs "until": without it nothing says when it has held long enough'
        scope.problems.add(read.key(NEVER).span, what, "add until: exit, until: end or a text")
    elif UNTIL in read:
        what = '"until" says how long "never" must hold, and there is none'
        scope.problems.add(read.key(UNTIL).span, what, "add never: and the text")


OUTPUT = ByForm(
    "a block of lines or a mapping",
    "write the lines after |, or a mapping: contains, matches, any-order, file, never with until",
    scalar=Block(),
    mapping=Claims(),
)


def decode_output(kind: str, value: Located, scope: Scope) -> OutputExpectation:
    """The expectation on a stream. Raises Unreadable."""
    return OutputExpectation(kind, value.span, OUTPUT.read(value, scope))
