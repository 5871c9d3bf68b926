"""What every command is given: the parts of the lab, and where the user stands.

Law: made once by main(); holds nothing that changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from lab.cli.parts import Parts
from lab.cli.selection import Selector
from lab.project import Project, project


class Invocation(Struct, frozen=True, dict=True):
    """One call of `lab`."""

    parts: Parts
    here: Path
    root: Path | None = None

    @cached_property
    def project(self) -> Project:
        """The project the user stands in. Raises UsageError."""
        return project(self.here, self.root)

    def selector(self, use: Mapping[str, str] | None = None) -> Selector:
        """Finds cases, with services replaced by images as `use` says."""
        where, replaced = self.project, use or {}
        return Selector(where, lambda path: self.parts.load(path, where.root, replaced))
