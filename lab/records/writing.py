"""What a record consists of, and how it is written below the folder of runs.

    20261121-084011-123-3f9c/           one run: a command with all its cases
      run.json                          versions, when it began, how long it took
      udp-ipv6-only/                    one case
        record.json                     the result, all of it: `lab report` renders this
        verdict.txt                     the same for a person
        scenario.yaml                   the scenario as it was run, its matrix filled in
        plan.txt                        each operation on the engine, and the line that asked for it
        timeline.txt                    what happened and what was written, in the order of time
        again.txt                       the command that runs it once more
        capture.pcapng                  the packets of all links, if they were captured and kept
        streams/talker.stdout           the bytes a program wrote
        streams/talker.stdout.timed     its lines, each with its time
        streams/talker.calls            its system calls, if it was traced: a line of JSON a call

Of a case that is run many times the first run is kept like this, and each that did not pass; of the
others only the result, and at most REPEATS of them.

Law: a case's directory is complete once it has its name.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from lab.model import Scenario
from lab.plan import plan
from lab.records import codec, folder
from lab.records.effective import effective
from lab.records.pcapng import pcapng
from lab.records.recorder import Circumstances, Finished, Job, Over
from lab.records.shelf import Shelf
from lab.records.timed import timed
from lab.records.versions import versions
from lab.report.case import Page, case
from lab.report.paint import Paint
from lab.report.story import story
from lab.result import CaseRemoved, ScenarioResult
from lab.source.diagnostic import split_lines
from lab.story.clock import clock
from lab.verdict import Verdict

FORMAT = 1
RUN = "run.json"
CAPTURE = "capture.pcapng"
COLUMNS = 100
TIMELINE = 50_000  # entries of the timeline, about
REPEATS = 1000  # of a case that passes, recorded


class Writing:
    """A context manager; in it, take() may be called by one thread."""

    def __init__(self, shelf: Shelf, name: str, given: Circumstances, began: float) -> None:
        """`began`: in seconds since 1970."""
        self._shelf, self._name, self._given, self._began = shelf, name, given, began
        self._stack = contextlib.ExitStack()
        self._run: Path | None = None
        self._records: dict[str, Path] = {}

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def take(self, job: Job) -> Path | None:
        """Write it; the directory of a case that is finished. Raises OSError."""
        run = self._folder()
        match job:
            case Finished() if job.result.repeat <= REPEATS or _bad(job.result):
                files = dict(self._files(job))
                self._records[job.case] = folder.write(run, folder.name_of(job.case), files)
                return self._records[job.case]
            case CaseRemoved(case=name, troubles=troubles) if name in self._records:
                _add_troubles(self._records[name] / folder.RECORD, troubles)
            case Over():
                self._end(run, job)
        return None

    def _end(self, run: Path, job: Over) -> None:
        with _all_parts(run, job) if self._given.shared else contextlib.nullcontext(job) as whole:
            ended = {"seconds": whole.seconds, "interrupted": whole.interrupted}
            counted = {"verdicts": dict(whole.counts)}
            folder.replace(run / RUN, folder.as_json({**self._about(), **ended, **counted}))

    def _folder(self) -> Path:
        """The run's, made when the first case needs it."""
        if self._run is None:
            shared = bool(self._given.shared)
            run = self._stack.enter_context(self._shelf.writing(self._name, shared=shared))
            folder.replace(run / RUN, folder.as_json(self._about()))
            self._run = run
        return self._run

    def _about(self) -> codec.Json:
        return {"format": FORMAT, "began": self._began, "about": dict(self._versions)}

    @cached_property
    def _versions(self) -> Mapping[str, str]:
        return versions(self._given.engine)

    def _files(self, job: Finished) -> Iterator[tuple[str, bytes]]:
        result, given = job.result, self._given
        brief = result.repeat > 1 and not _bad(result)
        if brief:
            result = replace(result, steps=(), nodes=(), judgements=())
        record = {
            "format": FORMAT,
            "place": job.place,
            "began": job.began,
            "again": given.again(result),
            "about": dict(self._versions),
            **codec.encode(result, given.root),
        }
        yield folder.RECORD, folder.as_json(record)
        if not brief:
            yield from self._rest(job)

    def _rest(self, job: Finished) -> Iterator[tuple[str, bytes]]:
        """What is there beside the record itself."""
        result, given = job.result, self._given
        yield "verdict.txt", _text("\n".join(case(result, _page(job, given))))
        yield "scenario.yaml", _text(effective(result.path, job.source, result.case))
        if job.scenario is not None:
            yield "plan.txt", _text(_plan(job.scenario, given))
        yield "timeline.txt", _text("\n".join(story(result, sys.maxsize, Paint(), TIMELINE)))
        yield "again.txt", _text(given.again(result))
        if result.capture is not None:
            yield CAPTURE, pcapng(result.capture)
        shift = clock(result).shift
        for file, (program, stream) in codec.streams(result).items():
            data: bytes = getattr(program, stream)
            yield f"{folder.STREAMS}/{file}", data
            if data:
                yield f"{folder.STREAMS}/{file}.timed", _text(timed(program, stream, shift))
        for file, data in codec.calls(result).items():
            yield f"{folder.STREAMS}/{file}", data


def _bad(result: ScenarioResult) -> bool:
    return result.verdict >= Verdict.ERROR


@contextlib.contextmanager
def _all_parts(run: Path, mine: Over) -> Iterator[Over]:
    """What the run came to as far as anybody has written it; nobody else ends it meanwhile."""
    lock = os.open(run / ".ending", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = json.loads((run / RUN).read_bytes())
        records = (json.loads(path.read_bytes()) for path in run.glob(f"[!.]*/{folder.RECORD}"))
        counts = Counter(str(record["verdict"]) for record in records)
        seconds = max(mine.seconds, said.get("seconds", 0.0))
        yield Over(seconds, mine.interrupted or said.get("interrupted", False), counts)
    finally:
        os.close(lock)


def _plan(scenario: Scenario, given: Circumstances) -> str:
    planned = plan(scenario, given.engine.abilities(), captured=given.captured)
    return "\n".join(map(str, (*planned.deployment, *planned.timeline, *planned.removal)))


def _text(text: str) -> bytes:
    ended = text if text.endswith("\n") or not text else f"{text}\n"
    return ended.encode("utf-8", "backslashreplace")


def _page(job: Finished, given: Circumstances) -> Page:
    lines = split_lines(job.source.decode("utf-8", "replace"))

    def source(path: Path, number: int) -> str | None:
        known = path == job.result.path and 0 < number <= len(lines)
        return lines[number - 1] if known else None

    return Page(COLUMNS, Paint(), source, again=given.again)


def _add_troubles(record: Path, troubles: tuple[str, ...]) -> None:
    found = json.loads(record.read_bytes())
    found["troubles"] = [*found["troubles"], *troubles]
    folder.replace(record, folder.as_json(found))
