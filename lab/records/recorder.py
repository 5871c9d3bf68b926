"""Takes down a run as it goes and writes it: a listener with a thread of its own.

Law: a run waits for nothing here. Writing begins when a verdict has been told; if it fails, that
is said once, and the run goes on to the same end.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lab.model import Scenario
from lab.ports import Engine
from lab.records.shelf import Shelf, new_name
from lab.result import CaseBegan, CaseEnded, CaseRemoved, Progress, ScenarioResult
from lab.source import shown
from lab.verdict import Verdict

if TYPE_CHECKING:
    from lab.records.writing import Writing

Say = Callable[[str], None]


class Circumstances(Struct, frozen=True):
    """What a run is made with, for the record.

    `root`: the project's. `again`: the command that runs a case once more. `shared`: the name of
    the run, where several processes each write a part of it. `captured`: the packets of every
    case were.
    """

    root: Path
    engine: Engine
    again: Callable[[ScenarioResult], str]
    shared: str = ""
    captured: bool = False


class Finished(Struct, frozen=True):
    """A case to write: its result, and what it was made of.

    `case` is what events call it: another name for each time it is run.
    """

    case: str
    result: ScenarioResult
    scenario: Scenario | None
    source: bytes
    began: float
    place: int


class Over(Struct, frozen=True):
    """The whole run is over, after so many seconds."""

    seconds: float
    interrupted: bool
    counts: Mapping[str, int] = field(default_factory=dict)  # cases by the name of their verdict


_Key = tuple[Path, str, int]
Job = Finished | CaseRemoved | Over


class Kept(Struct, frozen=True):
    """Where a case is, and when it began, in seconds since 1970."""

    began: float
    folder: Path


class Recorder:
    """A context manager and a Listener; when it ends, all is written that can be."""

    def __init__(
        self, shelf: Shelf, cases: Sequence[Scenario], given: Circumstances, say: Say
    ) -> None:
        self._shelf, self._cases, self._given, self._say = shelf, tuple(cases), given, say
        self._began = time.time()
        self._name = given.shared or new_name(self._began)
        self._sources = {path: _bytes(path) for path in dict.fromkeys(c.path for c in cases)}
        self._under_way: dict[str, float] = {}  # when each began
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failed = False
        self._kept: dict[_Key, Kept] = {}

    @property
    def folder(self) -> Path | None:
        """Where it is all written; None where nothing was, or not everything could be."""
        return None if self._failed or not self._thread else self._shelf.folder / self._name

    def __call__(self, event: Progress) -> None:
        """Take note; returns at once."""
        if isinstance(event, CaseBegan):
            self._under_way[event.case] = time.time()
        elif isinstance(event, CaseEnded):
            self._put(self._finished(event, self._under_way.pop(event.case, time.time())))
        elif isinstance(event, CaseRemoved) and event.troubles:
            self._put(event)

    def over(self, verdicts: Iterable[Verdict], seconds: float, *, interrupted: bool) -> None:
        """The whole run is over, after so many seconds; `verdicts`: what its cases came to."""
        if self._thread is not None:
            counts = Counter(verdict.name for verdict in verdicts)
            self._put(Over(seconds, interrupted, dict(counts)))

    def kept(self, result: ScenarioResult) -> Kept | None:
        """Where that case is, once this has ended."""
        return self._kept.get(_key(result))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()

    def _finished(self, event: CaseEnded, began: float) -> Finished:
        result = event.result
        found = (
            (place, case)
            for place, case in enumerate(self._cases)
            if (case.name, case.path) == (result.case, result.path)
        )
        place, scenario = next(found, (len(self._cases), None))
        source = self._sources.get(result.path, b"")
        return Finished(event.case, result, scenario, source, began, place)

    def _put(self, job: Job) -> None:
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Write what comes; a later record may find the room that an earlier one lacked."""
        try:
            from lab.records.writing import Writing  # noqa: PLC0415 - while the engine removes

            with Writing(self._shelf, self._name, self._given, self._began) as writing:
                while (job := self._jobs.get()) is not None:
                    self._take(writing, job)
        except Exception as error:  # noqa: BLE001 - a record changes no verdict, whatever fails
            self._tell(f"{type(error).__name__}: {error}")

    def _take(self, writing: Writing, job: Job) -> None:
        try:
            path = writing.take(job)
        except OSError as error:
            self._tell(error.strerror or str(error))
        else:
            if path is not None and isinstance(job, Finished):
                self._kept[_key(job.result)] = Kept(job.began, path)

    def _tell(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            where = shown(self._shelf.folder)
            self._say(f"trouble: the run is not recorded in {where}: {why}; its results stand")


def _key(result: ScenarioResult) -> _Key:
    return result.path, result.case, result.repeat


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
