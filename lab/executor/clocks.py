"""How far apart two clocks are, from what was asked on one and answered on the other.

Law: only what must be so is concluded: an answer is made after it was asked for and before it
was read. So there are bounds, which come closer with each answer, and no guess.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

Bounds = tuple[float, float]


class Comparison:
    """The clock of a node against the lab's: how much more it shows."""

    def __init__(self) -> None:
        self._least, self._most = -math.inf, math.inf
        self._asked: dict[int, float] = {}

    def asked(self, process: int, now: float) -> None:
        """A program was told to begin."""
        self._asked[process] = now

    def began(self, process: int, time: float, now: float) -> None:
        """It began at `time` of its own clock, which was read `now`."""
        self._least = max(self._least, time - now)
        if (asked := self._asked.pop(process, None)) is not None:
            self._most = min(self._most, time - asked)

    @property
    def bounds(self) -> Bounds:
        """At least and at most; infinite where nothing is known."""
        return self._least, self._most


def agreed(comparisons: Iterable[Comparison]) -> Bounds | None:
    """What all say together, of nodes of one machine; None where nothing is known."""
    found = [comparison.bounds for comparison in comparisons]
    least = max((low for low, _ in found), default=-math.inf)
    most = min((high for _, high in found), default=math.inf)
    known = math.isfinite(least) and math.isfinite(most)
    return (min(least, most), max(least, most)) if known else None
