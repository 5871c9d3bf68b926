"""A message came in two pieces, or two came as one: TCP keeps no boundaries.

Law: said where two lines that were seen make exactly the one that was expected, once what both
have around the message is taken away; or the other way round.
"""

from __future__ import annotations

from itertools import pairwise

from lab.story.evidence import Evidence
from lab.verdict import Difference

_LINE = 300  # characters of a line that is looked at

_WHY = (
    "TCP is a stream of bytes: what one send() took need not come out of one recv(); read until "
    "the message is whole (its length, or its end)"
)


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    for writer, difference in evidence.differences:
        expected, seen = _differing(difference)
        if _halves(expected, seen):
            return f"{writer.name} got one message in two pieces: {_WHY}"
        if _halves(seen, expected):
            return f"{writer.name} got two messages as one: {_WHY}"
    return None


def _differing(difference: Difference) -> tuple[list[str], list[str]]:
    rows = [row for row in difference.rows if not row[2]]
    return [row[0] for row in rows if row[0]], [row[1] for row in rows if row[1]]


def _halves(wholes: list[str], pieces: list[str]) -> bool:
    return any(
        _make(one, two, whole) for one, two in pairwise(pieces) for whole in wholes
        if max(len(one), len(two), len(whole)) <= _LINE
    )  # fmt: skip


def _make(one: str, two: str, whole: str) -> bool:
    """Whether `whole` is what stands around both, with what is in them one after the other."""
    most, least = _alike(one, two), _alike(one[::-1], two[::-1])
    for front in range(most, -1, -1):
        for back in range(least, -1, -1):
            first, second = _inside(one, front, back), _inside(two, front, back)
            around = one[:front], one[len(one) - back :]
            if first and second and whole == f"{around[0]}{first}{second}{around[1]}":
                return True
    return False


def _inside(text: str, front: int, back: int) -> str:
    return text[front : len(text) - back]


def _alike(one: str, two: str) -> int:
    pairs = enumerate(zip(one, two, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(two)))
