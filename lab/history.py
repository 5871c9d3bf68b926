"""What cases came to the last time and how long they took: a small file, `.lab/history.json`.

Law: a hint and never more: it changes no verdict. A file that is missing or not understood is
an empty history, and one that cannot be written is left. What is written replaces the file in
one step; of two labs that write at once the last one's word counts.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from lab.model import Scenario
from lab.verdict import Verdict, worst

FILE = Path(".lab") / "history.json"
_VERSION = 1
_MOST = 10_000  # cases that are remembered


class Past(Struct, frozen=True):
    """How a case went the last time; `seconds` to its verdict, None where that says nothing."""

    verdict: Verdict
    seconds: float | None = None

    @property
    def bad(self) -> bool:
        """Whether it did not pass."""
        return self.verdict >= Verdict.ERROR


def past(runs: Sequence[Past]) -> Past:
    """Several runs of a case as one: the worst verdict, the time in the middle."""
    times = sorted(run.seconds for run in runs if run.seconds is not None)
    middle = times[len(times) // 2] if times else None
    return Past(worst(run.verdict for run in runs), middle)


class History(Struct, frozen=True):
    """`cases` by key(); `levels`: how many cases at a time were best, by engine."""

    cases: Mapping[str, Past] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)

    def seconds(self, root: Path, cases: Iterable[Scenario]) -> tuple[float | None, ...]:
        """How long each of these took the last time; None where that is not known."""
        found = (self.cases.get(key(root, case.path, case.name)) for case in cases)
        return tuple(one.seconds if one else None for one in found)

    def bad(self, root: Path, cases: Iterable[Scenario]) -> tuple[Scenario, ...]:
        """Those of these that did not pass the last time they were run."""
        known = ((case, self.cases.get(key(root, case.path, case.name))) for case in cases)
        return tuple(case for case, one in known if one is not None and one.bad)


def key(root: Path, path: Path, name: str) -> str:
    """What a case of a project is known by, wherever the project lies and the user stands."""
    full = Path.cwd() / path
    short = full.relative_to(root) if full.is_relative_to(root) else full
    return f"{short.as_posix()}::{name}"


def read(root: Path) -> History:
    """The history of the project in this folder."""
    try:
        return _decoded(json.loads((root / FILE).read_bytes()))
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        OverflowError,
    ):
        return History()


def add(root: Path, news: History) -> None:
    """Put what is new into the project's history, keeping the rest."""
    before = read(root)
    cases = {**_without(before.cases, news.cases), **_timed(news.cases, before.cases)}
    kept = dict(list(cases.items())[-_MOST:])
    history = History(kept, {**before.levels, **news.levels})
    with suppress(OSError):
        _replace(root / FILE, json.dumps(_encoded(history), indent=0))


def _without(cases: Mapping[str, Past], others: Mapping[str, Past]) -> dict[str, Past]:
    """So that what is put in anew comes last."""
    return {name: past for name, past in cases.items() if name not in others}


def _timed(news: Mapping[str, Past], before: Mapping[str, Past]) -> dict[str, Past]:
    """With the time it took before, where what is new tells none."""
    return {
        name: replace(one, seconds=before[name].seconds)
        if one.seconds is None and name in before
        else one
        for name, one in news.items()
    }


def _replace(path: Path, text: str) -> None:
    """Raises OSError; then the file is as it was."""
    path.parent.mkdir(exist_ok=True)
    with suppress(FileExistsError), (path.parent / ".gitignore").open("x") as ignored:
        ignored.write("*\n")  # it is of this machine
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _decoded(found: Any) -> History:
    if found["version"] != _VERSION:
        return History()
    cases = {str(name): _past(each) for name, each in found["cases"].items()}
    return History(cases, {str(name): int(n) for name, n in found["levels"].items() if int(n) > 0})


def _past(found: Any) -> Past:
    seconds = found.get("seconds")
    if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError("seconds")
    return Past(Verdict[found["verdict"]], seconds)


def _encoded(history: History) -> Mapping[str, object]:
    return {
        "version": _VERSION,
        "cases": {name: _fields(one) for name, one in history.cases.items()},
        "levels": dict(history.levels),
    }


def _fields(one: Past) -> Mapping[str, object]:
    if one.seconds is None:
        return {"verdict": one.verdict.name}
    return {"verdict": one.verdict.name, "seconds": round(one.seconds, 3)}
