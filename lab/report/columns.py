"""Text measured and cut in terminal columns, and plain tables.

Law: widths are columns on a terminal (Unicode Annex 11), not characters or bytes.
"""

import textwrap
import unicodedata
from collections.abc import Sequence

from lab.report.paint import Paint, Style


def width(text: str) -> int:
    """Columns the text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """The text with spaces behind it, that many columns wide."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """The text, or as much of its beginning as fits, followed by `...`."""
    if width(text) <= columns:
        return text
    room, taken = columns - 3, 0
    for index, char in enumerate(text):
        taken += _columns(char)
        if taken > room:
            return text[:index] + "..."[: max(columns, 0)]
    return text


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """The text in lines of at most that many columns, broken at spaces only; none for no text.

    All lines but the first are behind the indent. Lines of the text stay lines.
    """
    whole = [part for line in text.split("\n") for part in _broken(line, columns - len(indent))]
    return [line if number == 0 else f"{indent}{line}" for number, line in enumerate(whole)]


def _broken(line: str, columns: int) -> list[str]:
    if width(line) <= columns:
        return [line] if line else []
    return textwrap.wrap(line, max(columns, 20), break_long_words=False, break_on_hyphens=False)


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], columns: int, paint: Paint
) -> list[str]:
    """Rows under heads, two spaces apart; the last column is cut to what is left."""
    cells = [tuple(heads), *map(tuple, rows)]
    widths = [max(width(row[place]) for row in cells) for place in range(len(heads))]
    lines = [_row(row, widths, columns) for row in cells]
    return [paint(lines[0], Style.QUIET), *lines[1:]]


def _row(row: Sequence[str], widths: Sequence[int], columns: int) -> str:
    front = "".join(padded(cell, size + 2) for cell, size in zip(row[:-1], widths, strict=False))
    return (front + cut(row[-1], max(columns - width(front), 20))).rstrip()
