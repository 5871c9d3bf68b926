"""YAML's events into located nodes, without recursion, within bounds.

The composer of the library is not used: it recurses, gives aliases no place of their own and
drops the difference between a tag that was written and one that was guessed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.span import Span

DEEPEST = 32  # a scenario needs eight
LARGEST = 20_000  # nodes, each alias counted as all that it stands for


class Refusal(Exception):  # noqa: N818 - becomes a diagnostic
    """The document cannot be used: where, what, help."""

    def __init__(self, span: Span, what: str, help: str = "") -> None:  # noqa: A002
        super().__init__(what)
        self.span, self.what, self.help = span, what, help


class _Open:
    """A collection whose end is still to come."""

    def __init__(self, event: Any) -> None:
        self.event = event
        self.items: list[Located] = []
        self.size = 1


class Composer:
    """Takes events one by one; afterwards `document` is the one document, or None."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.document: Located | None = None
        self._path = path
        self._lines = lines
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Located, int] | None] = {}
        self._size = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """One event of yaml.parse. Raises Refusal."""
        match event:
            case yaml.DocumentStartEvent():
                self._begin_document(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.ScalarEvent():
                self._refuse_tag(event)
                self._grow(1, event)
                self._finish(self._scalar(event), 1, event.anchor)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end(event)
            case _:
                pass

    def _begin_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            mark = event.start_mark
            span = Span(self._path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 4)
            raise Refusal(span, "a second document begins here", "one file holds one scenario")

    def _span(self, event: Any) -> Span:
        return Span(self._path, *self._place(event.start_mark), *self._place(event.end_mark))

    def _place(self, mark: Any) -> tuple[int, int]:
        """Line and column; the parser in C may put the end of the text on a line behind it."""
        if mark.line < len(self._lines):
            return mark.line + 1, mark.column + 1
        return len(self._lines), len(self._lines[-1]) + 1

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            span = self._span(event)
            written = self._lines[span.line - 1][span.column - 1 :].split(" ")[0]
            what = f"{quote(written)} is a tag, and tags have no meaning here"
            mend = "leave it out, or put the whole text in quotes where it begins with !"
            raise Refusal(span, what, mend)

    def _scalar(self, event: Any) -> Scalar:
        span = self._span(event)
        if not event.value.isascii() and any("\ud800" <= c <= "\udfff" for c in event.value):
            what = "half of a surrogate pair is no character"
            raise Refusal(span, what, r"write the character itself, or \U and eight digits")
        style = event.style or ""
        indent = self._indent(span) if style == "|" else None
        if style in ("|", ">"):
            span = self._block_span(span)
        return Scalar(event.value, style, span, indent)

    def _indent(self, span: Span) -> int:
        """Columns of indentation of a block: that of its least indented line."""
        lines = self._lines[span.line : span.end_line - 1 + (span.end_column > 1)]
        return min((len(text) - len(text.lstrip(" ")) for text in lines if text.strip()), default=0)

    def _block_span(self, span: Span) -> Span:
        """Only the header `|` or `>`: what follows is shown line by line."""
        rest = self._lines[span.line - 1][span.column - 1 :].split(" ")[0]
        end = span.column + max(1, len(rest))
        return Span(span.path, span.line, span.column, span.line, end)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            what = f"*{event.anchor} stands for what is marked &{event.anchor}, and nothing is"
            mend = f'text that begins with * must stand in quotes: "*{event.anchor}"'
            raise Refusal(self._span(event), what, mend)
        known = self._anchors[event.anchor]
        if known is None:
            what = f"*{event.anchor} stands inside what it stands for"
            raise Refusal(self._span(event), what, "write out what is meant")
        node, size = known
        self._grow(size, event)
        self._finish(node, size, None)

    def _begin(self, event: Any) -> None:
        self._refuse_tag(event)
        if len(self._open) >= DEEPEST:
            span = self._span(event)
            raise Refusal(span, f"nested more than {DEEPEST} deep", "a scenario needs about eight")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._grow(1, event)
        self._open.append(_Open(event))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        self._finish(self._collection(done, event), done.size, done.event.anchor)

    def _collection(self, done: _Open, event: Any) -> Located:
        span = self._span(done.event)
        if done.event.flow_style:
            ending = self._span(event)
        else:  # the parser sees the end of a block only at the next token
            ending = max((item.span for item in done.items), key=_end_of, default=span)
        span = Span(span.path, span.line, span.column, *_end_of(ending))
        items = tuple(done.items)
        if isinstance(done.event, yaml.SequenceStartEvent):
            return Sequence(items, span)
        return Mapping(tuple(zip(items[::2], items[1::2], strict=True)), span)

    def _grow(self, size: int, event: Any) -> None:
        self._size += size
        if self._size > LARGEST:
            what = f"the file holds more than {LARGEST} values, aliases written out"
            raise Refusal(self._span(event), what, "a scenario is written by hand: split it")

    def _finish(self, node: Located, size: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        if self._open:
            self._open[-1].items.append(node)
            self._open[-1].size += size
        elif self.document is None:
            self.document = node


def _end_of(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column
