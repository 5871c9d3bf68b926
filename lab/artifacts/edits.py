"""A scalar of a YAML file replaced where it stands; all around it stays as it is.

Law: pure. What is made is read again: it differs from what was there in these scalars and in
nothing else, or the edit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.artifacts.rewriting import Block
from lab.source import InvalidScenario, Problems, Span, located
from lab.source.located import Located, Scalar
from lab.source.reader import compose

Place = tuple[int, int]  # line and column of a scalar, from 1

_HEADER = re.compile(r"\|([+-]?)([0-9]?)([+-]?)")
_KEY = re.compile(r"( *(?:- +)*)[^\s#{}\[\],:\"']+: +")


class NotEdited(Exception):  # noqa: N818 - the file is as it was
    """The scalar cannot be replaced by itself; says why."""


def place(span: Span) -> Place:
    """What names a scalar of a file."""
    return span.line, span.column


def scalars(value: Located) -> Iterator[Scalar]:
    """All scalars of a document, keys included, in order; an alias's again where it stands."""
    match value:
        case Scalar():
            yield value
        case located.Sequence(items=items):
            for item in items:
                yield from scalars(item)
        case located.Mapping(pairs=pairs):
            for key, item in pairs:
                yield from scalars(key)
                yield from scalars(item)


def edited(path: Path, text: str, blocks: Mapping[Place, Block]) -> str:
    """The text with these scalars replaced. Raises NotEdited."""
    before = list(scalars(_document(path, text)))
    known = {place(scalar.span): scalar for scalar in before}
    for where in sorted(blocks, reverse=True):
        text = _replaced(path, text, known[where], blocks[where])
    _check(before, list(scalars(_document(path, text))), blocks)
    return text


def _document(path: Path, text: str) -> Located:
    return compose(path, text, Problems(path, text))


def _check(
    before: Sequence[Scalar], after: Sequence[Scalar], blocks: Mapping[Place, Block]
) -> None:
    expected = [
        blocks[place(old.span)].text if place(old.span) in blocks else old.text for old in before
    ]
    if expected != [new.text for new in after]:
        raise NotEdited("it cannot be replaced without changing what stands around it")


def _replaced(path: Path, text: str, scalar: Scalar, block: Block) -> str:
    """The first form that reads as the block."""
    for form in (_in_place, _as_block, _in_quotes):
        made = form(text, scalar, block)
        if made is not None and _reads_as(path, made, scalar, block):
            return made
    raise NotEdited("write it as a block that begins with |, then accept again")


def _reads_as(path: Path, text: str, scalar: Scalar, block: Block) -> bool:
    try:
        document = _document(path, text)
    except InvalidScenario:
        return False
    found = {place(each.span): each.text for each in scalars(document)}
    return found.get(place(scalar.span)) == block.text


def _in_place(text: str, scalar: Scalar, block: Block) -> str | None:
    """Other lines behind the same header."""
    if scalar.style != "|" or scalar.indent is None or not any(block.lines):
        return None
    lines = _lines(text)
    number = scalar.span.line - 1
    count = len(scalar.text.removesuffix("\n").split("\n")) if scalar.text else 0
    column = scalar.span.column - 1
    header = _header(lines[number], column, scalar.indent, block)
    body = [_indented(line, scalar.indent, lines[number]) for line in block.lines]
    return "".join([*lines[:number], header, *body, *lines[number + 1 + count :]])


def _header(line: str, column: int, indent: int, block: Block) -> str:
    """The header's line, with the chomping that the block's end needs, and the indentation."""
    match = _HEADER.match(line, column)
    assert match is not None  # a scalar of this style begins so
    chomp = "" if block.newline else "-"
    if block.newline and "+" in match[0]:
        chomp = "+"
    first = next(text for text in block.lines if text)
    digit = match[2] or (str(indent - _own_column(line)) if first.startswith(" ") else "")
    return f"{line[:column]}|{digit}{chomp}{line[match.end() :]}"


def _own_column(line: str) -> int:
    """Where the key of a line begins."""
    match = re.match(r" *(?:- +)*", line)
    return match.end() if match else 0


def _as_block(text: str, scalar: Scalar, block: Block) -> str | None:
    """A block where a scalar in quotes, or without, is the whole value of a key."""
    if scalar.style in ("|", ">") or len(block.lines) < 2 or not any(block.lines):
        return None
    lines = _lines(text)
    first, last = lines[scalar.span.line - 1], lines[scalar.span.end_line - 1]
    head, rest = first[: scalar.span.column - 1], last[scalar.span.end_column - 1 :]
    key = _KEY.fullmatch(head)
    if key is None or not re.fullmatch(r"\s*(#.*)?", rest.rstrip("\r\n")):
        return None
    indent = len(key[1]) + 2
    sign = "|" if block.newline else "|-"
    digit = "2" if next(line for line in block.lines if line).startswith(" ") else ""
    body = [_indented(line, indent, first) for line in block.lines]
    made = [f"{head}{sign[0]}{digit}{sign[1:]}{rest}", *body]
    return "".join([*lines[: scalar.span.line - 1], *made, *lines[scalar.span.end_line :]])


def _in_quotes(text: str, scalar: Scalar, block: Block) -> str | None:
    """One line in double quotes."""
    if scalar.style == ">":
        return None
    lines = _lines(text)
    span = scalar.span
    start, end = span.line - 1, span.end_line - 1
    first, rest = lines[start][: span.column - 1], lines[end][span.end_column - 1 :]
    if scalar.style == "|":
        match = _HEADER.match(lines[start], span.column - 1)
        rest = lines[start][match.end() :] if match else ""
        end = start + (len(scalar.text.removesuffix("\n").split("\n")) if scalar.text else 0)
    return "".join([*lines[:start], f"{first}{_quoted(block.text)}{rest}", *lines[end + 1 :]])


def _quoted(text: str) -> str:
    escapes = {"\n": r"\n", '"': r"\"", "\\": r"\\"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


def _indented(line: str, indent: int, model: str) -> str:
    """A line of a block, ended as the model is."""
    ending = "\r\n" if model.endswith("\r\n") else "\n"
    return f"{' ' * indent}{line}{ending}" if line else ending


def _lines(text: str) -> list[str]:
    """Lines with their ends, the last made whole; as the reader counts them."""
    found = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    if found and found[-1][-1:] not in "\r\n":
        found[-1] += "\n"
    return found
