"""The rows of a difference: which expected line stands beside which seen one.

Law: the fewest differing rows, by the block's own rules, so that an elision or a pattern is
never shown as a difference. Bounded: of very long sides only a part is aligned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.kinds.output.matching import Line, Met, Place, Seen, furthest
from lab.kinds.output.visible import NO_NEWLINE, brief

LONGEST = 250  # lines of each side that are aligned
_MISS = 2  # what a difference costs; one of the newline alone costs half


class Row(Struct, frozen=True):
    """One row: index into the block, line seen, and whether they go together."""

    expected: int | None
    seen: bytes | None
    ended: bool
    equal: bool
    elided: int = 0


def align(lines: Sequence[Line], seen: bytes) -> tuple[Row, ...]:
    """The rows of a block and the output; what is left out rightly has none.

    What comes first in the block is found first: the line that is wrong is the one behind all
    that the output could bring the block to, not one that something skipped would have been.
    """
    lines_seen = _lines(seen)
    reached, places = furthest(lines, lines_seen, LONGEST)
    place = _nearest(lines, lines_seen, places, reached)
    rest = lines_seen[place.seen : place.seen + LONGEST]
    rows = _rows(lines_seen[: place.seen], place.met)
    rows += _trace(lines[: reached + LONGEST], reached, rest)
    return tuple(row for row in rows if not row.equal or row.seen is not None)


def _nearest(
    lines: Sequence[Line], seen: Sequence[Seen], places: Sequence[Place], reached: int
) -> Place:
    """Of the places in the output, the one from which the rest differs least; the last of them."""
    if len(places) == 1:
        return places[0]
    start = places[0].seen
    window = seen[start : start + LONGEST]
    costs = _costs(lines[reached : reached + LONGEST], window, _MISS)[0]
    near = [place for place in places if place.seen - start <= len(window)]
    return min(reversed(near), key=lambda place: costs[place.seen - start])


def _rows(seen: Sequence[Seen], met: Met | None) -> list[Row]:
    """Rows of what was seen up to a place: what was met, and what an elision stood for."""
    pairs: dict[int, int] = {}
    while met is not None:
        pairs[met.seen] = met.line
        met = met.before
    return [
        Row(pairs.get(number), *line, equal=True, elided=int(number not in pairs))
        for number, line in enumerate(seen)
    ]


def ways(lines: Sequence[Line], seen: bytes, most: int) -> tuple[Row, ...] | None:
    """All rows, what is left out rightly included; None for more than `most` pairs of lines.

    Where it can be told either way, a line was replaced rather than left out.
    """
    lines_seen = _lines(seen)
    head = _equal_head(lines, lines_seen)
    if (len(lines) - head + 1) * (len(lines_seen) - head + 1) > most:
        return None
    rows = [Row(i, *lines_seen[i], equal=True) for i in range(head)]
    return (*rows, *_trace(lines, head, lines_seen[head:], lack=_MISS + 1))


def _lines(seen: bytes) -> list[Seen]:
    texts = seen.split(b"\n")
    tail = texts.pop()
    return [(text, True) for text in texts] + ([(tail, False)] if tail else [])


def _equal_head(lines: Sequence[Line], seen: Sequence[Seen]) -> int:
    head = 0
    for line, (text, ended) in zip(lines, seen, strict=False):
        if line.skippable or not line.matches(text, ended=ended):
            break
        head += 1
    return head


def _trace(lines: Sequence[Line], first: int, seen: Sequence[Seen], lack: int = _MISS) -> list[Row]:
    """Walk the cheapest way from the first line that differs to the end of both."""
    block = lines[first:]
    costs = _costs(block, seen, lack)
    rows: list[Row] = []
    i = j = 0
    while i < len(block) or j < len(seen):
        row, di, dj = next(
            (
                Row(first + i if di else None, *_seen(seen, j, dj), equal=equal, elided=elided),
                di,
                dj,
            )
            for di, dj, cost, equal, elided in _moves(block, seen, i, j, lack)
            if costs[i][j] == cost + costs[i + di][j + dj]
        )
        rows.append(row)
        i, j = i + di, j + dj
    return rows


def _seen(seen: Sequence[Seen], j: int, taken: int) -> tuple[bytes | None, bool]:
    return seen[j] if taken else (None, True)


def _costs(block: Sequence[Line], seen: Sequence[Seen], lack: int) -> list[list[int]]:
    costs = [[0] * (len(seen) + 1) for _ in range(len(block) + 1)]
    for i in range(len(block), -1, -1):
        for j in range(len(seen), -1, -1):
            if i < len(block) or j < len(seen):
                costs[i][j] = min(
                    cost + costs[i + di][j + dj]
                    for di, dj, cost, _, _ in _moves(block, seen, i, j, lack)
                )
    return costs


_Move = tuple[int, int, int, bool, int]


def _moves(
    block: Sequence[Line], seen: Sequence[Seen], i: int, j: int, lack: int
) -> Iterator[_Move]:
    """Ways on from (i, j): lines taken of each side, cost, whether equal, lines elided.

    `lack`: what it costs to leave out an expected line.
    """
    here = i < len(block)
    there = j < len(seen)
    if here and there and block[i].elision:
        yield (0, 1, 0, True, 1)
    elif here and there:
        text, ended = seen[j]
        if block[i].matches(text, ended=ended):
            yield (1, 1, 0, True, 0)
        else:  # the same text but for its newline is the nearest miss of all
            yield (1, 1, 1 if block[i].same_text(text) else _MISS, False, 0)
    if here:
        skippable = block[i].skippable
        yield (1, 0, 0 if skippable else lack, skippable, 0)
    if there:
        yield (0, 1, _MISS, False, 0)


def shown_rows(
    rows: Sequence[Row], lines: Sequence[Line]
) -> tuple[tuple[str | None, str | None, bool], ...]:
    """The rows as text, invisible characters made visible."""
    shown: list[tuple[str | None, str | None, bool]] = []
    for row in rows:
        expected = None if row.expected is None else _expected(lines[row.expected])
        if row.elided:
            expected = "..."
        shown.append((expected, _text(row), row.equal))
    return tuple(shown)


def _expected(line: Line) -> str:
    return line.shown + (NO_NEWLINE if line.pattern.ends is False else "")


def _text(row: Row) -> str | None:
    if row.seen is None:
        return None
    return brief(row.seen) + ("" if row.ended else NO_NEWLINE)
