"""When a run is over: every program that must end has ended, and all that was written is read.

Law: waits only, changes nothing. A run is over when everything expected is seen, or can no
longer be, or when nothing has happened for a while though everything that was sent to its nodes
has arrived, every program sleeps and no socket holds data, or when a node is gone; then each
holder is asked for what it still has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from lab.executor.asking import ask
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.pulse import Pulse
from lab.executor.stage import LiveStage, Wanted
from lab.executor.watched import Watched
from lab.ports import Agent

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
        pulse: Pulse,
        machines: Sequence[Machine],
        *,
        happened: Callable[[], int],
    ) -> None:
        self._loop = loop
        self._agent = agent
        self._stage = stage
        self._pulse = pulse
        self._machines = tuple(machine for machine in machines if machine.used)
        self._happened = happened
        self._lost = any(machine.disconnected for machine in self._machines)
        for machine in self._machines:
            machine.heed(partial(self._note, machine))

    def _note(self, machine: Machine) -> None:
        self._lost = self._lost or machine.disconnected

    def settle(self, wanted: Sequence[Wanted], deadline: float) -> bool:
        """Wait until the run is over, or its deadline. Raises LabError.

        Whether it was cut short by something that nothing later could put right: what is only
        missing then might still have come.
        """
        begun = [each for each in wanted if self._stage.has_begun(each[0])]
        exits = [each for each in begun if each[1].kind == "exit"]
        with self._stage.watching(exits) as ends, self._stage.watching(wanted) as seen:
            self._loop.until(lambda: self._over(ends) or self._settled(seen), deadline)
            self._wait_for_sight(seen, deadline)
            self._hand_over(deadline)
            seen.anew()
            return seen.doomed() and not self._over(seen)

    def _over(self, seen: Watched) -> bool:
        return self._lost or seen.decided()

    def _settled(self, seen: Watched) -> bool:
        return self._over(seen) or seen.doomed()

    def _wait_for_sight(self, seen: Watched, deadline: float) -> None:
        while not self._settled(seen) and self._loop.clock.now() < deadline:
            before = self._happened()
            until = min(deadline, self._loop.clock.now() + _QUIET)
            if not self._loop.until(self._changed_since(before), until) and self._quiet(before):
                return

    def _quiet(self, before: int) -> bool:
        """Whether nobody does anything: neither with what was sent to them, nor of their own."""
        ask(self._loop, self._pulse, self._going())  # what was sent before has arrived by then
        return self._idle() and self._happened() == before

    def _hand_over(self, deadline: float) -> None:
        """Read what is written by now, and what comes of it; at least once, however late."""
        before = -1
        while self._going() and before != self._happened():
            before = self._happened()
            self._wait_idle()
            ask(self._loop, self._pulse, self._going())
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
