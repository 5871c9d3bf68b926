r"""Output with the time each line was complete, as text.

Law: times are seconds from the beginning of the case; bytes are in the lossless form of
`escapes`, so no line of a program is two of these. It is for reading: what is longer than a
person reads is left out, and said to be; the bytes themselves lie beside it.

    0.412345  listener: waiting to recvfrom...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter

from msgspec import Struct

from lab.events import ProcessRecord, Times
from lab.report.bounded import MORE, OPEN, programs
from lab.report.columns import cut
from lab.report.escapes import harmless, lossless
from lab.report.words import counted
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    NodeChanged,
    NodeResult,
    OutputSeen,
    PhaseBegan,
    Progress,
    ScenarioResult,
    StepBegan,
    StepEnded,
)

LINES = 50_000  # of a stream, or of the timeline, at most
COLUMNS = 400  # of an output line in the timeline, at most

Entry = tuple[float, str]


class Told(Struct, frozen=True):
    """An event, and when it was told, in seconds on the lab's monotonic clock."""

    at: float
    event: Progress


class Course(Struct, frozen=True):
    """Everything told of one case up to its verdict, in order; the first is its beginning."""

    told: Sequence[Told]

    @property
    def began(self) -> float:
        """When the first thing was told."""
        return self.told[0].at if self.told else 0.0

    def shift(self, nodes: Iterable[NodeResult]) -> float:
        """What to take from the times of output to have seconds from the beginning.

        They are on the clock of the engine's host. Where that is another machine, the first
        output stands for the moment the first program was known to run.
        """
        spans = [found for _, program in programs(tuple(nodes)) for found in _spans(program)]
        if not spans or not self.told:
            return self.began
        first = min(start for start, _ in spans)
        last = max(end for _, end in spans)
        if self.began <= first and last <= self.told[-1].at:
            return self.began
        running = (told.at for told in self.told if isinstance(told.event, NodeChanged))
        return first - (next(running, self.began) - self.began)


def _spans(program: ProcessRecord) -> Iterator[tuple[float, float]]:
    """The first and the last time of each stream that has some."""
    for data, times in _streams(program).values():
        first, last = times.at(0), times.at(len(data) - 1) if data else None
        if first is not None and last is not None:
            yield first, last


def _streams(program: ProcessRecord) -> dict[str, tuple[bytes, Times]]:
    return {
        "stdout": (program.stdout, program.stdout_times),
        "stderr": (program.stderr, program.stderr_times),
    }


def timed(program: ProcessRecord, stream: str, shift: float) -> str:
    """A stream (`stdout`, `stderr`), each line behind the time it was complete."""
    data, times = _streams(program)[stream]
    lines = [f"{_time(at, shift)}  {lossless(line)}" for at, line in _lines(data, times)]
    total = data.count(b"\n") + (not data.endswith(b"\n"))
    if data and total > LINES:
        lines.append(f"... {counted(total - LINES, 'more line')}")
    elif getattr(program, f"{stream}_truncated"):
        lines.append(f"... {MORE}")
    elif data and not data.endswith(b"\n"):
        lines.append(f"... {OPEN}")
    return "".join(f"{line}\n" for line in lines)


def _lines(data: bytes, times: Times) -> Iterator[tuple[float | None, bytes]]:
    """The first lines without their ends, and when each was complete."""
    start = 0
    for _ in range(LINES):
        if start >= len(data):
            return
        end = data.find(b"\n", start)
        last = len(data) - 1 if end < 0 else end
        yield times.at(last), data[start : last + (end < 0)]
        start = last + 1


def _time(at: float | None, shift: float) -> str:
    return "         -" if at is None else f"{at - shift:10.6f}"


def timeline(course: Course, result: ScenarioResult) -> str:
    """What happened and what was written, in the order of time."""
    shift = course.shift(result.nodes)
    entries = [(told.at - course.began, said) for told in course.told if (said := _event(told))]
    entries += islice(_output(result.nodes, shift), LINES)
    entries.sort(key=itemgetter(0))
    return "".join(f"{at:10.6f}  {said}\n" for at, said in entries)


def _output(nodes: Sequence[NodeResult], shift: float) -> Iterator[Entry]:
    for title, program in programs(nodes):
        for stream, (data, times) in _streams(program).items():
            sign = "|" if stream == "stdout" else "!"
            for at, line in _lines(data, times):
                if at is not None:
                    yield at - shift, f"{harmless(title)} {sign} {cut(lossless(line), COLUMNS)}"


def _event(told: Told) -> str:  # noqa: PLR0911 - one answer for each kind of event
    match told.event:
        case CaseBegan(case=name):
            return f"{harmless(name)} begins"
        case PhaseBegan(phase=phase):
            return phase
        case NodeChanged(node=node, state=state, detail=detail):
            return harmless(f"{node} {state.value}" + (f": {detail}" if detail else ""))
        case StepEnded(index=index, result=result) if result.verdict is not None:
            return f"step {index + 1} {result.verdict.name}"
        case StepBegan(index=index):
            return f"step {index + 1} begins"
        case CaseEnded(result=ended):
            return f"{ended.verdict.name} {_flat(ended.reason)}".rstrip()
        case CaseRemoved():
            return "removed"
        case OutputSeen() | _:
            return ""


def _flat(text: str) -> str:
    return " ".join(harmless(text).split())
