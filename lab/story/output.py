"""What programs wrote, line by line, as entries.

Law: of a stream with many lines the first and the last are told, and how many there are between
them; no more is looked at than is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lab.events import ProcessRecord, Times
from lab.story.clock import Clock
from lab.story.entries import Entry, Kind

LINE = 400  # bytes of a line at most
LEAST = 10  # lines of a stream that are told in any case


class Writer(Struct, frozen=True):
    """A program, and the node it is on."""

    node: str
    name: str
    program: ProcessRecord

    def entry(self, at: float, kind: Kind, text: str = "", data: bytes = b"") -> Entry:
        """Something of it."""
        other = self.name if self.name != self.node else ""
        return Entry(at, kind, self.node, other, text, data[:LINE], len(data))


def streams(program: ProcessRecord) -> tuple[tuple[Kind, bytes, Times, bool], ...]:
    """Each: what it is, all of it, when it was read, whether it went on."""
    return (
        (Kind.STDOUT, program.stdout, program.stdout_times, program.stdout_truncated),
        (Kind.STDERR, program.stderr, program.stderr_times, program.stderr_truncated),
    )


def output(writer: Writer, clock: Clock, room: int) -> Iterator[Entry]:
    """About `room` entries of each stream at most; none of what was read one knows not when."""
    for kind, data, times, went_on in streams(writer.program):
        room = max(room, LEAST)
        total = data.count(b"\n") + (not data.endswith(b"\n")) if data else 0
        if total <= room:
            yield from _entries(writer, kind, list(_first(data, total)), times, clock)
        else:
            first, last = list(_first(data, room // 2)), list(_last(data, room - room // 2))
            yield from _entries(writer, kind, first, times, clock)
            if (at := times.at(first[-1][1])) is not None:
                left = f"{total - room} more lines of {kind.value}"
                yield writer.entry(clock.of_node(at), Kind.CUT, left)
            yield from _entries(writer, kind, last, times, clock)
        if went_on and (at := times.at(len(data) - 1)) is not None:
            said = f"{kind.value} went on: the lab keeps no more"
            yield writer.entry(clock.of_node(at), Kind.CUT, said)


_Place = tuple[int, int]  # from, up to and with its newline


def _first(data: bytes, lines: int) -> Iterator[_Place]:
    start = 0
    for _ in range(lines):
        end = data.find(b"\n", start)
        last = len(data) - 1 if end < 0 else end
        yield start, last + 1
        start = last + 1


def _last(data: bytes, lines: int) -> list[_Place]:
    found: list[_Place] = []
    end = len(data)
    for _ in range(lines):
        start = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
        found.append((start, end))
        end = start
    return found[::-1]


def _entries(
    writer: Writer, kind: Kind, places: list[_Place], times: Times, clock: Clock
) -> Iterator[Entry]:
    data = writer.program.stdout if kind is Kind.STDOUT else writer.program.stderr
    for start, end in places:
        if (at := times.at(end - 1)) is not None:
            line = data[start:end].removesuffix(b"\n")
            yield writer.entry(clock.of_node(at), kind, data=line)
