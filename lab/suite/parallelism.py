"""How many cases at a time: found by measuring how much gets done at one level and another.

Law: pure; the same cases ended at the same moments give the same levels. A higher level must
earn its place: of levels that get nearly the same done, the lowest counts.

Levels are Fibonacci's numbers, each about 1.6 times the one before. At each, some cases are let
end and the work they were is divided by the time that took; then the level above and the one
below the best so far are tried, where they have not been. It begins one above the number of CPUs,
and above comes first: where an engine waits a lot, a suite of thirty cases has no time to climb,
and where it does not, little is lost. Once both are known the best is
kept for a while, and then its neighbours are measured anew: the machine may be less busy. The
while gets longer each time that finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

LADDER = (1, 2, 3, 5, 8, 13, 21, 34, 55)
FIRST = 5  # at a time at most, before anything is known
PER_CPU = 3  # at a time at most for each CPU of the engine: programs are to run as well
NEAR = 0.93  # of the best rate: as good as the best
REST = 4  # measurements for which what was found is kept at first, and 16 times that at last


class Search(Struct, frozen=True):
    """The level now, and what is known. Rates are work done in a second, by level."""

    ladder: tuple[int, ...]
    level: int
    began: float  # when the measurement under way began, in seconds
    work: float = 0.0
    ended: int = 0
    rates: Mapping[int, float] = field(default_factory=dict)
    rest: int = 0  # measurements to come at the best level
    kept: tuple[int, int] = (0, REST)  # the level last settled on, and for how many measurements

    @property
    def most(self) -> int:
        """The highest level there can be."""
        return max(self.ladder)

    @property
    def best(self) -> int:
        """The lowest level of those that get most done, as far as is known."""
        most = max(self.rates.values(), default=0.0)
        good = [level for level, rate in self.rates.items() if rate >= NEAR * most]
        return min(good, default=self.level)

    @property
    def found(self) -> int | None:
        """The best level, once there was something to compare it with, or what that was before."""
        return self.best if len(self.rates) > 1 else self.kept[0] or None

    def after(self, work: float, now: float) -> Search:
        """Once a case has ended that was so much work, while the level was in full use."""
        here = replace(self, work=self.work + work, ended=self.ended + 1)
        if here.ended < max(6, 2 * here.level) or now <= here.began:
            return here
        rates = {**here.rates, here.level: here.work / (now - here.began)}
        return replace(here, rates=rates, began=now, work=0.0, ended=0)._moved()

    def anew(self, now: float) -> Search:
        """Once the level was not in full use: the measurement begins again."""
        return replace(self, began=now, work=0.0, ended=0)

    def _moved(self) -> Search:
        best = self.best
        if self.rest > 1:
            return replace(self, level=best, rest=self.rest - 1)
        known = {best: self.rates[best]} if self.rest else self.rates
        unknown = [level for level in self._beside(best) if level not in known]
        if unknown:
            return replace(self, level=unknown[-1], rates=known, rest=0)
        level, rest = self.kept
        longer = min(2 * rest, 16 * REST) if level == best else REST
        return replace(self, level=best, rest=longer, kept=(best, longer))

    def _beside(self, level: int) -> tuple[int, ...]:
        """The level below and the level above, where there are such."""
        place = self.ladder.index(level)
        return (*self.ladder[max(place - 1, 0) : place], *self.ladder[place + 1 : place + 2])


def fixed(level: int, now: float) -> Search:
    """So many at a time, whatever is measured."""
    return Search((level,), level, now)


def searching(cpus: int, now: float, *, known: int | None = None) -> Search:
    """For an engine of so many CPUs; `known` is the level that was best the last time."""
    least = min(cpus, FIRST)
    ladder = tuple(n for n in LADDER if least <= n <= PER_CPU * cpus)
    if least not in ladder:
        ladder = (least, *ladder)
    first = known or next((n for n in ladder if least < n <= FIRST), least)
    below = [level for level in ladder if level <= first]
    return Search(ladder, max(below, default=least), now)
