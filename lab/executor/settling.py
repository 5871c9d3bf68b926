"""When a run is over: every program that must end has ended, and all that was written is read.

Law: waits only, changes nothing. A run is over when everything expected is seen, or can no
longer be, or when nothing has happened for a while though every program sleeps and no socket
holds data, or when a node is gone; then each holder is asked for what it still has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.executor.asking import ask
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.stage import LiveStage, Wanted
from lab.ports import Agent
from lab.verdict import Judgement, Verdict

_QUIET = 1.0  # seconds without any event before a sleeping node is believed to be done
_IDLE_LIMIT = 0.3  # seconds a busy program may keep the lab from reading its last output
_GLANCE = 0.004  # seconds between looks at busy programs


class Settling:
    """Waits for the end of a run; `happened` counts the events of all nodes so far."""

    def __init__(
        self,
        loop: Loop,
        agent: Agent,
        stage: LiveStage,
        machines: Sequence[Machine],
        happened: Callable[[], int],
    ) -> None:
        self._loop = loop
        self._agent = agent
        self._stage = stage
        self._machines = tuple(machine for machine in machines if machine.used)
        self._happened = happened

    def settle(self, wanted: Sequence[Wanted], deadline: float) -> bool:
        """Wait until the run is over, or its deadline. Raises LabError.

        Whether it was cut short by something that nothing later could put right: what is only
        missing then might still have come.
        """
        begun = [each for each in wanted if self._stage.has_begun(each[0])]
        exits = [each for each in begun if each[1].kind == "exit"]
        with self._stage.watching(wanted):
            self._loop.until(lambda: self._ended(exits) or self._settled(wanted), deadline)
            self._wait_for_sight(wanted, deadline)
            self._hand_over(deadline)
            judged = self._stage.judge(wanted)
            return _doomed(judged) and not (self._lost() or _decided(judged))

    def _lost(self) -> bool:
        return any(machine.disconnected for machine in self._machines)

    def _ended(self, exits: Sequence[Wanted]) -> bool:
        return self._lost() or _decided(self._stage.judge(exits))

    def _settled(self, wanted: Sequence[Wanted]) -> bool:
        judged = self._stage.judge(wanted)
        return self._lost() or _decided(judged) or _doomed(judged)

    def _wait_for_sight(self, wanted: Sequence[Wanted], deadline: float) -> None:
        while not self._settled(wanted) and self._loop.clock.now() < deadline:
            before = self._happened()
            until = min(deadline, self._loop.clock.now() + _QUIET)
            if not self._loop.until(self._changed_since(before), until) and self._idle():
                return

    def _hand_over(self, deadline: float) -> None:
        """Read what is written by now, and what comes of it; at least once, however late."""
        before = -1
        while self._going() and before != self._happened():
            before = self._happened()
            self._wait_idle()
            ask(self._loop, self._going())
            if self._loop.clock.now() >= deadline:
                return

    def _wait_idle(self) -> None:
        limit = self._loop.clock.now() + _IDLE_LIMIT
        while not self._idle() and self._loop.clock.now() < limit:
            self._loop.until(lambda: False, self._loop.clock.now() + _GLANCE)

    def _idle(self) -> bool:
        return self._agent.idle([machine.name for machine in self._going()])

    def _going(self) -> Sequence[Machine]:
        return [machine for machine in self._machines if not machine.over()]

    def _changed_since(self, before: int) -> Callable[[], bool]:
        return lambda: self._happened() != before


def _decided(judged: Sequence[Judgement]) -> bool:
    return all(j.final or j.verdict is Verdict.PASS for j in judged)


def _doomed(judged: Sequence[Judgement]) -> bool:
    """Whether something was seen that nothing later can put right."""
    return any(j.final and j.verdict is not Verdict.PASS for j in judged)
