"""What a YAML file holds, frozen, every part with its place.

Law: a scalar is text. Whether `010`, `no` or `22:22` is a number, a truth value or a time is
for the reader of a field to say, never for YAML.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from lab.source.span import Span

NOTHING = ("", "~", "null", "Null", "NULL")  # YAML 1.2.2, section 10.3.2


class Scalar(Struct, frozen=True):
    """Text. `style` is `'`, `"`, `|`, `>` or empty for plain.

    `indent` is how many columns the lines of a `|` block are indented by; None where the text
    is not, character by character, what stands in the file.
    """

    text: str
    style: str
    span: Span
    indent: int | None = None

    @property
    def plain(self) -> bool:
        """Written without quotes and not as a block."""
        return self.style == ""

    @property
    def empty(self) -> bool:
        """Nothing was written: `key:` with no value, or one of YAML's words for that."""
        return self.plain and self.text in NOTHING

    def line_span(self, index: int) -> Span:
        """The place of line `index` (from 0) of a `|` block; of other styles, the whole."""
        if self.style != "|" or self.indent is None:
            return self.span
        lines = self.text.split("\n")
        length = len(lines[index]) if index < len(lines) else 0
        line = self.span.line + 1 + index
        start = self.indent + 1
        return Span(self.span.path, line, start, line, start + max(1, length))

    def part_span(self, start: int, end: int) -> Span:
        """The place of text[start:end]; the whole scalar where that cannot be known."""
        if self.style == "|" and self.indent is not None:
            before = self.text[:start]
            whole = self.line_span(before.count("\n"))
            first = whole.column + start - (before.rfind("\n") + 1)
            return replace(whole, column=first, end_column=first + end - start)
        quotes = 1 if self.style in ("'", '"') else 0
        exact = self.span.end_column - self.span.column == len(self.text) + 2 * quotes
        if self.span.line != self.span.end_line or not exact or self.style == ">":
            return self.span
        first = self.span.column + quotes + start
        return replace(self.span, column=first, end_column=first + end - start)


class Sequence(Struct, frozen=True):
    """Items in order."""

    items: tuple[Located, ...]
    span: Span


class Mapping(Struct, frozen=True):
    """Pairs in order, doubled keys and all; refusing those is the schema's business."""

    pairs: tuple[tuple[Located, Located], ...]
    span: Span


Located = Scalar | Sequence | Mapping


def describe(value: Located) -> str:
    """What it is, in the words of the language's users."""
    match value:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar() if value.empty:
            return "nothing"
        case Scalar():
            return "text"
