"""A block of expected lines against the lines seen so far.

Law: pure and linear in the output for blocks without elisions. States are places in the block
that what was seen could have brought us to; when none is left, no later output can help.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from msgspec import Struct

from lab.kinds.output.bounded import Expression
from lab.kinds.output.pattern import Pattern, Rule


class Line:
    """A pattern of one run: references replaced, compiled once."""

    def __init__(self, pattern: Pattern, bindings: Mapping[str, str]) -> None:
        self.pattern = pattern
        self.elision = pattern.elision
        self.skippable = pattern.optional or pattern.elision
        self.shown = pattern.shown(bindings)
        self._literal = pattern.literal(bindings)
        self._expression = None
        if self._literal is None:
            source, linear = pattern.expression(bindings), pattern.rule is Rule.GLOB
            self._expression = Expression(source, self.shown, pattern.span, linear=linear)

    def matches(self, line: bytes, *, ended: bool) -> bool:
        """Whether it stands for this line; `ended`: a newline followed it."""
        if self.elision:
            return True
        if self.pattern.ends is not None and self.pattern.ends != ended:
            return False
        return self.same_text(line)

    def same_text(self, line: bytes) -> bool:
        """As matches(), whatever follows the line. Raises UntellableError."""
        return line == self._literal if self._expression is None else self._expression.fits(line)


class Progress(Struct, frozen=True):
    """Where a block stands. `holds`: what was seen is all that was asked; `settled`: whatever
    comes, it stays so; `dead`: whatever comes, it never will."""

    holds: bool
    settled: bool
    dead: bool


def follow(lines: Sequence[Line], seen: bytes) -> Progress:
    """How far the output has come through the block; a last unfinished line counts as it is."""
    whole = seen.split(b"\n")
    tail = whole.pop()
    states = _skip(lines, {0})
    for line in whole:
        states = _step(lines, states, line, ended=True)
        if not states:
            return Progress(holds=False, settled=False, dead=True)
    if tail:
        states = _step(lines, states, tail, ended=False)
    last = len(lines)
    free = bool(lines) and lines[-1].elision and last - 1 in states
    return Progress(holds=last in states, settled=free, dead=False)


def _step(lines: Sequence[Line], states: set[int], line: bytes, *, ended: bool) -> set[int]:
    reached: set[int] = set()
    for state in states:
        if state == len(lines):
            continue
        if lines[state].elision:
            reached.add(state)
        elif lines[state].matches(line, ended=ended):
            reached.add(state + 1)
    return _skip(lines, reached)


def _skip(lines: Sequence[Line], states: set[int]) -> set[int]:
    """Also the places reached by leaving out what may be missing."""
    reached = set(states)
    for state in states:
        place = state
        while place < len(lines) and lines[place].skippable:
            place += 1
            reached.add(place)
    return reached


Seen = tuple[bytes, bool]
"""A line that was seen, and whether a newline followed it."""


class Met(Struct, frozen=True):
    """That a line of the block was met by a seen one; `before`, and those before it."""

    line: int
    seen: int
    before: Met | None


class Place(Struct, frozen=True):
    """Where the output, read up to line `seen`, had come in the block, and by which lines."""

    seen: int
    met: Met | None


def furthest(lines: Sequence[Line], seen: Sequence[Seen], most: int) -> tuple[int, Sequence[Place]]:
    """How far the output came through the block, and where it was then: the last `most` places."""
    ways = _passed(lines, {0: None})
    best, places = max(ways), deque([Place(0, ways[max(ways)])], most)
    for index, (text, ended) in enumerate(seen):
        ways = _passed(lines, _ways_on(lines, ways, index, text, ended=ended))
        if not ways:
            break
        top = max(ways)
        if top > best:
            best, places = top, deque(maxlen=most)
        if top == best:
            places.append(Place(index + 1, ways[top]))
    return best, places


_Ways = dict[int, Met | None]


def _ways_on(lines: Sequence[Line], ways: _Ways, index: int, text: bytes, *, ended: bool) -> _Ways:
    """Where a line leads from each state; none: nowhere."""
    reached: _Ways = {}
    for state, met in ways.items():
        if state == len(lines):
            continue
        if lines[state].elision:
            reached.setdefault(state, met)
        elif lines[state].matches(text, ended=ended):
            reached.setdefault(state + 1, Met(state, index, met))
    return reached


def _passed(lines: Sequence[Line], ways: _Ways) -> _Ways:
    """Also the states reached by leaving out what may be missing."""
    reached = dict(ways)
    for state in _skip(lines, set(ways)) - set(ways):
        before = max(each for each in ways if each < state)
        reached[state] = ways[before]
    return reached
