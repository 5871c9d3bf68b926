"""The runs of an agenda, each in a thread of its own, as many at once as the gate admits.

Law: one thread decides what begins; threads that run cases tell it, and it waits for nothing else.
A run's place is free at its verdict: the next begins while its machines are removed.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

from msgspec import Struct
from msgspec.structs import replace

from lab.model import Scenario
from lab.result import ScenarioResult
from lab.suite.agenda import Agenda, Turn
from lab.suite.gate import Gate
from lab.verdict import Verdict

Run = Callable[[Turn, Callable[[Verdict], None]], ScenarioResult | None]
"""Runs a turn to its end and calls back at its verdict; None: it was stopped before one."""


class _Judged(Struct, frozen=True):
    """The verdict of a run is known; its machines are about to be removed."""

    turn: Turn
    verdict: Verdict


class _Over(Struct, frozen=True):
    """Nothing of a run is left."""

    turn: Turn
    result: ScenarioResult | None = None
    failure: BaseException | None = None


class Course:
    """One way through an agenda."""

    def __init__(self, cases: Sequence[Scenario], agenda: Agenda, gate: Gate, run: Run) -> None:
        self._cases = cases
        self._agenda = agenda
        self._gate = gate
        self._run = run
        self._news: queue.SimpleQueue[_Judged | _Over] = queue.SimpleQueue()
        self._under_way: dict[Turn, bool] = {}  # whether it has its verdict
        self._results: dict[Turn, ScenarioResult] = {}
        self._failure: BaseException | None = None

    def go(self, stopped: Callable[[], bool], stop: Callable[[], None]) -> list[ScenarioResult]:
        """Run all, until `stopped`; results in the order of the cases, then of their repeats.

        `stop` is called, and what it left waited for, before an error nobody expected is raised.
        """
        with ThreadPoolExecutor(self._gate.most, "case") as pool:
            try:
                self._drive(pool, stopped, stop)
            except BaseException:
                stop()
                raise
        if self._failure is not None:
            raise self._failure
        return [self._results[turn] for turn in sorted(self._results)]

    def _drive(self, pool: Executor, stopped: Callable[[], bool], stop: Callable[[], None]) -> None:
        while True:
            while not stopped() and (turn := self._next()) is not None:
                self._gate.began(self._cases[turn.case])
                self._under_way[turn] = False
                pool.submit(self._to_its_end, turn)
            if not self._under_way:
                return
            self._hear(self._news.get())
            if self._failure is not None:
                stop()

    def _next(self) -> Turn | None:
        """What begins now."""
        head = self._agenda.head
        if head is None or not self._gate.admits(self._cases[head.case]):
            return None
        return self._agenda.take()

    def _to_its_end(self, turn: Turn) -> None:
        """In a thread of its own."""
        try:
            result = self._run(turn, lambda verdict: self._news.put(_Judged(turn, verdict)))
        except BaseException as failure:  # noqa: BLE001 - raised again by go()
            self._news.put(_Over(turn, failure=failure))
        else:
            self._news.put(_Over(turn, result))

    def _hear(self, news: _Judged | _Over) -> None:
        turn, case = news.turn, self._cases[news.turn.case]
        if isinstance(news, _Judged):
            self._under_way[turn] = True
            self._gate.judged(case)
            self._agenda.ended(turn, news.verdict)
            return
        self._gate.over(case, judged=self._under_way.pop(turn))
        self._failure = self._failure or news.failure
        if news.result is not None:
            self._results[turn] = _kept(news.result) if self._agenda.endless else news.result


def _kept(result: ScenarioResult) -> ScenarioResult:
    """As much of a result as can be kept of any number of them."""
    passed = result.verdict <= Verdict.PASS
    less = replace(result, steps=(), nodes=(), judgements=(), capture=None)
    return less if passed else result
