"""What is wrong at a place, in three parts: where, what, and what to write instead.

Law: all that is wrong in one phase is told at once, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from lab.errors import UsageError
from lab.source.excerpt import excerpt
from lab.source.span import Span, shown

SHOWN_AT_MOST = 100  # diagnostics; a file with more is not mended from the bottom up


class Diagnostic(Struct, frozen=True):
    """One thing that is wrong; `line` is the whole line of the file it is about."""

    span: Span
    what: str
    help: str = ""
    line: str = ""

    def render(self) -> str:
        """As plain text: `path:line:column: what`, the line, a caret line, `help: ...`."""
        parts = [f"{self.span}: {self.what}"]
        if self.line.strip():
            parts += (f"  {text}" for text in excerpt(self.line, self.span))
        if self.help:
            parts.append(f"  help: {self.help}")
        return "\n".join(parts)


class InvalidScenario(UsageError):  # noqa: N818 - the file is at fault, and is named for it
    """A scenario or service file that cannot be used, with every reason why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(render(self.diagnostics))


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """All of them as plain text, and how many they are where that is not seen at a glance."""
    blocks = [diagnostic.render() for diagnostic in diagnostics[:SHOWN_AT_MOST]]
    if len(diagnostics) > 1:
        rest = len(diagnostics) - len(blocks)
        more = f", the first {len(blocks)} shown" if rest else ""
        blocks.append(f"{len(diagnostics)} errors{more}")
    return "\n".join(blocks)


class Problems:
    """Takes down what is wrong in one file and what belongs to it, until the phase is over."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = {path: split_lines(text)}
        self._found: dict[tuple[Span, str], Diagnostic] = {}
        self._told = 0

    def add(self, span: Span, what: str, help: str = "") -> None:  # noqa: A002 - as users read it
        """One more; the same thing said of the same place twice is found once."""
        self._told += 1
        lines = self._lines.get(span.path, [])
        line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
        self._found.setdefault((span, what), Diagnostic(span, what, help, line))

    def take_in(self, path: Path, text: str) -> None:
        """Another file that belongs to this one: its lines are shown where it is at fault."""
        self._lines[path] = split_lines(text)

    def written(self, span: Span) -> str:
        """What stands at a place of one line; empty for one of several."""
        lines = self._lines.get(span.path, [])
        if span.line != span.end_line or not 0 < span.line <= len(lines):
            return ""
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]

    def __len__(self) -> int:
        """How often something was told, repetitions included: it grows whenever reading fails."""
        return self._told

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """All, in file order."""
        return in_order(self._found.values())

    def end_phase(self) -> None:
        """Raises InvalidScenario with all that was found, if anything was."""
        if self._found:
            raise InvalidScenario(self.found)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by file, line and column; of one place, in the order they were found."""
    return tuple(
        sorted(diagnostics, key=lambda one: (shown(one.span.path), one.span.line, one.span.column))
    )


def split_lines(text: str) -> list[str]:
    """The lines as editors number them: ended by LF, CR or CR LF and nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
