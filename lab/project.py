"""Which project a folder lies in: the one that holds scenarios/ and services/.

Law: only looks at names of files and folders; reads no scenario.
"""

from functools import cached_property
from pathlib import Path

from msgspec import Struct

from lab.errors import UsageError

FILE_SUFFIXES = (".yaml", ".yml")


class Project(Struct, frozen=True, dict=True):
    """A project by its root folder; paths are as short as they can be from `here`."""

    root: Path
    here: Path

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Its scenario files, in the order of their paths below the root."""
        found = sorted((self.root / "scenarios").rglob("*"))
        return tuple(self.short(path) for path in found if is_scenario_file(path))

    def short(self, path: Path) -> Path:
        """The path as the user would write it from where they stand."""
        full = self.here / path
        return full.relative_to(self.here) if full.is_relative_to(self.here) else full


def is_scenario_file(path: Path) -> bool:
    """Whether the name is one of a scenario file; hidden files are not."""
    return path.suffix in FILE_SUFFIXES and not path.name.startswith(".")


def is_root(folder: Path) -> bool:
    """Whether a project begins here."""
    return (folder / "scenarios").is_dir() and (folder / "services").is_dir()


def project(here: Path, root: Path | None = None) -> Project:
    """The project of that root, or the one that `here` lies in. Raises UsageError."""
    if root is not None:
        if not is_root(root):
            raise UsageError(
                f"{root} is no project of the lab", help="it needs scenarios/ and services/ in it"
            )
        return Project(root.absolute(), here)
    for folder in (here, *here.parents):
        if is_root(folder):
            return Project(folder, here)
    raise UsageError(
        f"no project here: neither {here} nor a folder above it has scenarios/ and services/",
        help="change into the project, or name it: lab --root FOLDER ...",
    )
