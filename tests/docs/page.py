"""The code blocks of a page, in order, each with the line it stands at.

Law: reads, and does nothing. A block is a file, a change to files, or what a terminal shows; one
that is none of these is a mistake of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

_NAMED = re.compile(r"(?:#|//|/\*|<!--) (?P<path>[\w./-]+)(?: \*/| -->)?$")


class PageError(AssertionError):
    """The page says what is not so; tells where."""


@dataclass(frozen=True)
class File:
    """A file, named by a comment on its first line."""

    line: int
    path: str
    text: str  # the naming line included

    @property
    def body(self) -> str:
        """What follows the naming line."""
        return self.text.partition("\n")[2]

    @property
    def whole(self) -> str:
        """What is written: as it stands, but that a page of Markdown begins with its title."""
        return self.body if self.path.endswith(".md") else self.text


@dataclass(frozen=True)
class Change:
    """A difference between files as they are and as they shall be, as diff -u writes it."""

    line: int
    text: str


@dataclass(frozen=True)
class Session:
    """Lines of a terminal; `terminal` names it where the first line is no prompt."""

    line: int
    terminal: str
    lines: tuple[str, ...]


Block = File | Change | Session


def blocks(path: Path) -> tuple[Block, ...]:
    """All code blocks of a page. Raises PageError for one that is not to be understood."""
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    return tuple(
        _block(path, (token.map or [0])[0] + 1, token.info, token.content)
        for token in tokens
        if token.type in {"fence", "code_block"}
    )


def _block(path: Path, line: int, info: str, text: str) -> Block:
    language, _, rest = info.partition(" ")
    if language == "console":
        return Session(line, rest, tuple(text.splitlines()))
    if language == "diff":
        return Change(line, text)
    named = _NAMED.match(text.partition("\n")[0])
    if not language or not named:
        raise PageError(f"{path}:{line}: a block says its language, and on its first line its file")
    return File(line, named["path"], text)
