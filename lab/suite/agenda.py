"""Which runs of which cases are still to begin.

Law: knows cases by their number alone. They come in rounds, each case once in a round; a case
that was skipped is not run again, so an agenda without end ends when nothing runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.verdict import Verdict


class Turn(Struct, frozen=True, order=True):
    """One run of case number `case` (from 0); `repeat` counts its runs from 1, 0: the only one."""

    case: int
    repeat: int = 0


class Agenda:
    """The runs to come, one after another."""

    def __init__(
        self, order: Sequence[int], rounds: int | None = 1, *, fail_fast: bool = False
    ) -> None:
        """`rounds` None: without end. `fail_fast`: nothing begins after one that did not pass."""
        self._order = tuple(order)
        self._rounds = rounds
        self._fail_fast = fail_fast
        self._skipped: set[int] = set()
        self._stopped = False
        self._turns = self._all()
        self._head: Turn | None = next(self._turns, None)

    @property
    def single(self) -> bool:
        """Whether there is one run in all."""
        return self._rounds == 1 and len(self._order) == 1

    @property
    def rounds(self) -> float:
        """How many runs of each there are at most."""
        return math.inf if self._rounds is None else self._rounds

    @property
    def endless(self) -> bool:
        """Whether it goes on until something stops it."""
        return self._rounds is None

    @property
    def head(self) -> Turn | None:
        """The run to begin next; None: no more."""
        while self._head is not None and self._head.case in self._skipped:
            self._head = next(self._turns, None)
        return None if self._stopped else self._head

    def take(self) -> Turn:
        """The run that begins now. Raises IndexError where there is none."""
        turn = self.head
        if turn is None:
            raise IndexError("nothing is left to run")
        self._head = next(self._turns, None)
        return turn

    def ended(self, turn: Turn, verdict: Verdict) -> None:
        """Take note of a verdict."""
        if verdict is Verdict.SKIP:
            self._skipped.add(turn.case)
        elif verdict is not Verdict.PASS and self._fail_fast:
            self._stopped = True

    def _all(self) -> Iterator[Turn]:
        number = 0
        while self._rounds is None or number < self._rounds:
            number += 1
            left = [case for case in self._order if case not in self._skipped]
            if not left:
                return
            for case in left:
                yield Turn(case, 0 if self._rounds == 1 else number)
