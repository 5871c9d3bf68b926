"""Records read back, as they are rendered.

Law: only reads. What is no record, or was cut short, is a UsageError that names the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from lab.errors import UsageError
from lab.events import NO_TIMES, Times
from lab.records import codec, folder, surroundings
from lab.records.timed import times_of
from lab.records.unpacking import unpacked
from lab.records.writing import CAPTURE, FORMAT, RUN
from lab.report.run import ReportedCase, ReportedRun
from lab.result import Timing
from lab.story.clock import middle

Json = dict[str, Any]


class _Record(Struct, frozen=True):
    """A case with its place among those of its run."""

    place: tuple[float, float]
    case: ReportedCase


class Head(Struct, frozen=True):
    """A run at a glance: `seconds` None, it never said how it ended. `verdicts` counts cases."""

    began: float
    seconds: float | None
    interrupted: bool
    verdicts: Json


def head(run: Path) -> Head:
    """What a run's own file says. Raises UsageError."""
    found = _json(run / RUN)
    return Head(
        found.get("began", 0.0),
        found.get("seconds"),
        found.get("interrupted", True),
        found.get("verdicts", {}),
    )


def read(directory: Path, root: Path) -> ReportedRun:
    """A run by its directory, or by that of one of its cases. Raises UsageError.

    Paths of scenarios are made such as lie below `root`, the project's.
    """
    if (directory / folder.RECORD).is_file():
        return _run(directory.parent, [directory], root)
    if not (directory / RUN).is_file():
        raise UsageError(f"{directory} is no record of a run", help="see which: lab report --list")
    return _run(directory, list(cases(directory)), root)


def cases(run: Path) -> Iterator[Path]:
    """The directories of a run's cases."""
    for entry in sorted(run.iterdir()):
        if not entry.name.startswith(".") and (entry / folder.RECORD).is_file():
            yield entry


def together(runs: Iterable[ReportedRun]) -> ReportedRun:
    """Several runs as one: their cases one after another, `about` where all agree."""
    found = list(runs)
    abouts = [set(run.about.items()) for run in found]
    same = set.intersection(*abouts) if abouts else set()
    return ReportedRun(
        tuple(case for run in found for case in run.cases),
        sum(run.seconds for run in found),
        min((run.began for run in found if run.began is not None), default=None),
        {name: value for name, value in found[0].about.items() if (name, value) in same},
        any(run.interrupted for run in found),
    )


def _run(directory: Path, kept: list[Path], root: Path) -> ReportedRun:
    head = _json(directory / RUN)
    records = sorted((_case(path, root) for path in kept), key=lambda record: record.place)
    results = [record.case.result for record in records]
    return ReportedRun(
        tuple(record.case for record in records),
        head.get("seconds", sum(result.seconds for result in results)),
        head.get("began"),
        head.get("about", {}),
        # A run that never said how it ended was killed.
        head.get("interrupted", True),
    )


def _case(directory: Path, root: Path) -> _Record:
    path = directory / folder.RECORD
    found = _json(path)
    try:
        result = codec.decode(found, _reading(directory, root, surroundings.to_timing(found)))
        captured, packets = found.get("capture"), directory / CAPTURE
        if captured is not None and packets.is_file():  # of a run of many, only the first has it
            capture = unpacked(packets.read_bytes(), captured["epoch"], captured["gap"])
            result = replace(result, capture=capture)
        case = ReportedCase(result, found["began"], str(directory), found["again"])
        return _Record((found["place"], found["began"]), case)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError(f"{path} is no record of this lab: {error}") from None
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None


def _reading(directory: Path, root: Path, timing: Timing | None) -> codec.Reading:
    streams, shift = directory / folder.STREAMS, middle(timing)

    def stream(name: str) -> bytes:
        return (streams / Path(name).name).read_bytes()

    def times(name: str) -> Times:
        try:
            text = (streams / f"{Path(name).name}.timed").read_text("utf-8", "replace")
        except FileNotFoundError:  # it wrote nothing
            return NO_TIMES
        return times_of(stream(name), text, shift)

    return codec.Reading(stream, lambda name: _placed(name, root), times)


def _placed(name: str, root: Path) -> Path:
    """As the user would write it from where they stand."""
    full, here = root / name, Path.cwd()
    return full.relative_to(here) if full.is_relative_to(here) else full


def _json(path: Path) -> Json:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{path} is no record: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise UsageError(
            f"{path} is a record of another kind", help="read it with the lab that wrote it"
        )
    return found
