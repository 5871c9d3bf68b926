"""A place in a file."""

from pathlib import Path

from msgspec import Struct


def shown(path: Path) -> str:
    """The path as people are shown it: relative where it lies below the working directory."""
    if path.is_absolute() and path.is_relative_to(here := Path.cwd()):
        return str(path.relative_to(here))
    return str(path)


class Span(Struct, frozen=True):
    """A place in a file: lines and columns count from 1; the end is exclusive."""

    path: Path
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}:{self.column}"
