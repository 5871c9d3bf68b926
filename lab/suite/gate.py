"""Whether another case may begin now.

Law: a case's place is free at its verdict, but no more removals are behind than cases may run;
one case may always run. Memory is counted by what nodes are allowed, until they are removed.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.model import Scenario
from lab.ports import Clock
from lab.suite.parallelism import Search, fixed


class Gate:
    """Counts the cases under way; not for several threads."""

    def __init__(
        self,
        search: Search,
        clock: Clock,
        *,
        memory: int | None = None,
        work: Callable[[Scenario], float] = lambda _: 1.0,
    ) -> None:
        """`memory`, in bytes, is what all nodes together may be allowed; None: any amount.

        `work` is how much work a case is, in any unit.
        """
        self._search = search
        self._clock = clock
        self._memory = memory
        self._work = work
        self._running = 0
        self._behind = 0
        self._allowed = 0

    @classmethod
    def of(cls, jobs: int, clock: Clock) -> Gate:
        """Lets so many run at a time."""
        return cls(fixed(jobs, clock.now()), clock)

    @property
    def found(self) -> int | None:
        """How many at a time turned out best; None: not enough was measured."""
        return self._search.found

    @property
    def most(self) -> int:
        """How many cases can be under way at once, those that are being removed included."""
        return 2 * self._search.most

    def admits(self, case: Scenario) -> bool:
        """Whether it may begin."""
        if not self._running + self._behind:
            return True
        level = self._search.level
        room = self._memory is None or self._allowed + memory(case) <= self._memory
        return room and self._running < level and self._behind <= level

    def began(self, case: Scenario) -> None:
        """It begins."""
        if not self._running + self._behind:
            self._search = self._search.anew(self._clock.now())
        self._running += 1
        self._allowed += memory(case)

    def judged(self, case: Scenario) -> None:
        """Its verdict is known; it is about to be removed."""
        now = self._clock.now()
        full = self._running >= self._search.level
        self._search = self._search.after(self._work(case), now) if full else self._search.anew(now)
        self._running -= 1
        self._behind += 1

    def over(self, case: Scenario, *, judged: bool) -> None:
        """Nothing of it is left; `judged`: its verdict has been told of."""
        if judged:
            self._behind -= 1
        else:
            self._running -= 1
        self._allowed -= memory(case)


def memory(case: Scenario) -> int:
    """What all nodes of a case may use together, in bytes."""
    return sum(node.limits.memory for node in case.topology.nodes)
