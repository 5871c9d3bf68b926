"""What many things come to, each looked at anew only once something happened to it.

Law: an event costs what it is about, and not all that is waited for; so a wait for many nodes
takes as much for each as one for few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lab.verdict import Judgement, Verdict


class Watched:
    """Expectations that are waited for; `judges` say what each comes to now.

    Whoever hears of a change says so by touch(); what was not touched stays as it was judged.
    """

    def __init__(self, judges: Sequence[Callable[[], Judgement]]) -> None:
        self._judges = judges
        self._touched = dict.fromkeys(range(len(judges)))
        self._unmet: dict[int, Judgement] = {}
        self._final = 0  # of those that are not met

    def touch(self, at: int) -> None:
        """Something happened that the expectation at that place may be about."""
        self._touched[at] = None

    def anew(self) -> None:
        """Look at all of them again."""
        self._touched = dict.fromkeys(range(len(self._judges)))

    def met(self) -> bool:
        """Whether all of them hold."""
        self._look()
        return not self._unmet

    def doomed(self) -> bool:
        """Whether one does not hold and never will."""
        self._look()
        return self._final > 0

    def decided(self) -> bool:
        """Whether nothing later can change what any of them comes to, or it holds."""
        self._look()
        return self._final == len(self._unmet)

    def unmet(self) -> tuple[Judgement, ...]:
        """Why those that do not hold do not, in the order they were asked for."""
        self._look()
        return tuple(self._unmet[at] for at in sorted(self._unmet))

    def _look(self) -> None:
        touched, self._touched = self._touched, {}
        for at in touched:
            self._final -= at in self._unmet and self._unmet.pop(at).final
            judgement = self._judges[at]()
            if judgement.verdict is not Verdict.PASS:
                self._unmet[at] = judgement
                self._final += judgement.final


class Outstanding:
    """Conditions that stay true once they are; called, whether all of them are by now."""

    def __init__(self, conditions: Iterable[Callable[[], bool]]) -> None:
        self._open = list(conditions)

    def __call__(self) -> bool:
        while self._open and self._open[-1]():
            self._open.pop()
        return not self._open
