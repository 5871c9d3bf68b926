"""Long output cut to its head and tail, and how much was left out between them.

Law: what is kept stands as it was written, in order; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.events import ProcessRecord
from lab.report.escapes import harmless, lossless
from lab.report.words import counted
from lab.result import NodeResult

LEAST = 1024  # bytes of a stream that are always shown
OPEN = "no newline at its end"
MORE = "it went on: the lab keeps no more"


class Excerpt(Struct, frozen=True):
    """A head and a tail, with `lines` ends of line and `size` bytes left out between them."""

    head: bytes
    tail: bytes = b""
    size: int = 0
    lines: int = 0


def bounded(data: bytes, room: int) -> Excerpt:
    """At most `room` bytes of it; cut between lines, where those are not too long."""
    if len(data) <= room:
        return Excerpt(data)
    half = room // 2
    end = data.rfind(b"\n", half // 2, half) + 1 or _whole(data, half, -1)
    least = len(data) - (room - half)
    start = data.find(b"\n", least, len(data) - half // 2) + 1 or _whole(data, least, 1)
    return Excerpt(data[:end], data[start:], start - end, data.count(b"\n", end, start))


def _whole(data: bytes, place: int, step: int) -> int:
    """The next place that is not in the middle of a character of UTF-8, at most three away."""
    for at in range(place, place + 4 * step, step):
        if not 0 < at < len(data) or data[at] & 0xC0 != 0x80:
            return max(at, 0)
    return place


def outputs(nodes: Sequence[NodeResult], room: int, name: str) -> list[str]:
    """What all programs wrote to a stream (`stdout`, `stderr`), each line behind its node's name.

    About `room` bytes of it all, in the lossless form of `escapes`.
    """
    written = [(_flat(title), program) for title, program in programs(nodes)]
    written = [(title, program) for title, program in written if getattr(program, name)]
    share = max(room // max(len(written), 1), LEAST)
    return [line for title, program in written for line in _lines(title, program, name, share)]


def programs(nodes: Sequence[NodeResult]) -> Iterator[tuple[str, ProcessRecord]]:
    """Each node's program by the node's name, and others that ran on it by theirs."""
    for node in nodes:
        yield node.node, node.program
        yield from node.visitors


def _lines(title: str, program: ProcessRecord, name: str, room: int) -> Iterator[str]:
    data: bytes = getattr(program, name)
    found = bounded(data, room)
    yield from _prefixed(title, found.head)
    if found.size:
        said = f"{counted(found.size, 'byte')}, {counted(found.lines, 'end')} of line, left out"
        yield f"{title} ... {said}"
        yield from _prefixed(title, found.tail)
    if getattr(program, f"{name}_truncated"):
        yield f"{title} ... {MORE}"
    elif not data.endswith(b"\n"):
        yield f"{title} ... {OPEN}"


def _flat(title: str) -> str:
    return " ".join(harmless(title).split())


def _prefixed(title: str, data: bytes) -> Iterator[str]:
    for line in data.removesuffix(b"\n").split(b"\n"):
        yield f"{title} | {lossless(line)}"


def cut(text: str, room: int) -> str:
    """A text of at most about `room` characters: its head and tail."""
    if len(text) <= room:
        return text
    half = room // 2
    left = len(text) - 2 * half
    return f"{text[:half]}\n... {counted(left, 'character')} left out ...\n{text[-half:]}"
