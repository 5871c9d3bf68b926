"""Names, files and tags as the cases they mean.

Law: a file is only read if it may be meant; every word that means nothing is told, with what
was probably meant, before anything runs. The order is the one asked for; no case comes twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lab.errors import NothingSelectedError, UsageError
from lab.project import FILE_SUFFIXES, Project

if TYPE_CHECKING:
    from lab.model import Scenario

Load = Callable[[Path], "tuple[Scenario, ...]"]
ALL = "all"


class BadFilesError(UsageError):
    """Several files have mistakes; each brings its own message."""

    def __init__(self, errors: Sequence[UsageError]) -> None:
        super().__init__(f"{len(errors)} scenario files have mistakes")
        self.errors = tuple(errors)


class Selector(Struct, frozen=True):
    """Finds cases in a project."""

    project: Project
    load: Load

    def select(self, words: Sequence[str], tags: Sequence[str] = ()) -> tuple[Scenario, ...]:
        """The cases that the words mean, of those that have one of the tags, if any are given.

        Raises UsageError for unknown words, NothingSelectedError where no case has the tags,
        and what loading raises.
        """
        found = self._words(words or (ALL,))
        kept = [case for case in found if not tags or set(tags) & set(case.tags)]
        if not kept:
            raise self._nothing(tags, found)
        return tuple(kept)

    def _words(self, words: Sequence[str]) -> list[Scenario]:
        plain = [word for word in words if self._path(word) is None and word != ALL]
        everything = self._everything() if plain or ALL in words else []
        unknown = [word for word in plain if not _meant(word, everything)]
        if unknown:
            raise self._unknown(unknown, everything)
        cases: dict[str, Scenario] = {}
        for word in words:
            for case in self._cases(word, everything):
                cases.setdefault(f"{case.path}\0{case.name}", case)
        return list(cases.values())

    def _cases(self, word: str, everything: Sequence[Scenario]) -> Iterable[Scenario]:
        path = self._path(word)
        if path is not None:
            return self._of_file(word, path)
        return everything if word == ALL else _meant(word, everything)

    def _of_file(self, word: str, path: Path) -> Sequence[Scenario]:
        """Its cases, or the one of them that the word names."""
        self.refuse_missing(path)
        cases = self.load(path)
        if "[" not in word or word.endswith(FILE_SUFFIXES):
            return cases
        names = [case_word(word, case) for case in cases]
        found = [case for case, name in zip(cases, names, strict=True) if name == word]
        if not found:
            raise UsageError(f"no case is called `{word}`", help=did_you_mean([word], names))
        return found

    def refuse_missing(self, path: Path) -> None:
        """Raises UsageError where there is no such file."""
        if not path.is_file():
            known = [str(file) for file in self.project.files]
            raise UsageError(f"no such file: {path}", help=did_you_mean([str(path)], known))

    def _path(self, word: str) -> Path | None:
        """The file a word means: a path, or the name of a scenario or of a case of one."""
        if word.endswith(FILE_SUFFIXES):
            return Path(word)
        if scenario_name(word).endswith(FILE_SUFFIXES):
            return Path(scenario_name(word))
        names = {path.stem: path for path in self.project.files}
        return names.get(scenario_name(word))

    def _everything(self) -> list[Scenario]:
        return load_all(self.project.files, self.load)

    def _unknown(self, words: Sequence[str], everything: Sequence[Scenario]) -> UsageError:
        known = {path.stem for path in self.project.files}
        known |= {tag for case in everything for tag in case.tags}
        said = " or ".join(f"`{word}`" for word in words)
        return UsageError(f"no scenario or tag is called {said}", help=did_you_mean(words, known))

    def _nothing(self, tags: Sequence[str], found: Sequence[Scenario]) -> NothingSelectedError:
        if not tags:
            return NothingSelectedError(
                "there is no scenario here", help=f"scenarios are files in {self.project.root}"
            )
        said = " or ".join(f"`{tag}`" for tag in tags)
        known = {tag for case in found for tag in case.tags}
        return NothingSelectedError(
            f"no scenario has the tag {said}", help=did_you_mean(tags, known)
        )


def scenario_name(case: str) -> str:
    """`stream-hello` for the case `stream-hello[family=ipv6]`."""
    return case.partition("[")[0]


def case_word(word: str, case: Scenario) -> str:
    """What means this case alone where `word` means its file or scenario: `x.yaml[n=1]`."""
    _, bracket, values = case.name.partition("[")
    return f"{scenario_name(word)}{bracket}{values}"


def load_all(paths: Iterable[Path], load: Load) -> list[Scenario]:
    """The cases of all files. Raises the mistakes of all of them together."""
    cases: list[Scenario] = []
    errors: list[UsageError] = []
    for path in paths:
        try:
            cases += load(path)
        except UsageError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else BadFilesError(errors)
    return cases


def did_you_mean(words: Sequence[str], known: Iterable[str]) -> str:
    """What was probably meant, or where to see what there is."""
    names = sorted(known)
    near = [name for word in words for name in difflib.get_close_matches(word, names, n=3)]
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in dict.fromkeys(near))}?"
    return "see what there is: lab list"


def _meant(word: str, everything: Sequence[Scenario]) -> list[Scenario]:
    return [case for case in everything if word in case.tags]
