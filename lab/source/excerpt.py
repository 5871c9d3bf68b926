"""A line of a file with a caret under a place in it, safe for any terminal."""

from __future__ import annotations

from lab.source.span import Span

WIDTH = 100  # columns of a long line that are shown around the place


def excerpt(line: str, span: Span) -> tuple[str, str]:
    """The line, cut to the part around the place where it is long, and its caret line."""
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    end = max(start + 1, min(end, len(line)))
    low = 0 if len(line) <= WIDTH else max(0, start - WIDTH // 3)
    high = min(len(line), low + WIDTH)
    head = "..." if low else ""
    tail = "..." if high < len(line) else ""
    body = "".join(map(_plain, line[low:high]))
    indent = " " * len(head) + "".join(map(_blank, line[low:start]))
    carets = "^" * max(1, sum(map(_columns, line[start : min(end, high)])))
    return (head + body + tail).rstrip(), indent + carets


def quote(text: str, limit: int = 60) -> str:
    """The user's own words in double quotes: on one line, cut where they are long."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    inner = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    return f'"{inner}"'


def _plain(character: str) -> str:
    return (
        character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}"
    )


def _blank(character: str) -> str:
    return "\t" if character == "\t" else " " * _columns(character)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata  # noqa: PLC0415 - only lines that are not ASCII pay for its tables

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
