"""Options of a run, put together with an engine: an agenda, a gate, threads, and what disturbs.

Law: decides how much runs at a time and in which order; nothing here changes what is judged.
What disturbs is only imported where something does.
"""

# ruff: noqa: PLC0415 - see the law
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

from msgspec import Struct

from lab.cli.parts import Connection, RunOptions
from lab.cli.remains import remains
from lab.model import Scenario
from lab.ports import Clock
from lab.result import ScenarioResult
from lab.suite import Agenda, Gate, Turn, fixed, longest_first, searching, shuffled

THREADS = 8  # for calls to the engine, at least
_OURS = 0.9  # of the engine's memory is for nodes


class Plan(Struct, frozen=True):
    """How these cases are run."""

    cases: Sequence[Scenario]
    options: RunOptions

    def agenda(self) -> Agenda:
        """Longest first where several run at a time, as asked for where one does."""
        rounds, fail_fast = self.options.rounds, self.options.fail_fast
        return Agenda(self._order(), rounds, fail_fast=fail_fast)

    def _order(self) -> Sequence[int]:
        if self.options.seed is not None:
            return shuffled(len(self.cases), random.Random(self.options.seed))
        if self.options.jobs == 1 or len(self.options.seconds) != len(self.cases):
            return range(len(self.cases))
        return longest_first(self.options.seconds)

    def gate(self, connection: Connection, clock: Clock) -> Gate:
        """As many at a time as was said, or as this engine has use for. Raises EngineError."""
        jobs = self.options.jobs
        if jobs is None and len(self.cases) == 1 and self.options.rounds == 1:
            jobs = 1  # and the engine need not be asked
        if jobs is not None:
            return Gate(fixed(jobs, clock.now()), clock)
        capacity = connection.engine.capacity()
        known = self.options.levels.get(engine_key(connection))
        search = searching(capacity.cpus, clock.now(), known=known)
        room = int(capacity.memory * _OURS) or None
        return Gate(search, clock, memory=room, work=self._work())

    def _work(self) -> Callable[[Scenario], float]:
        """How long a case took before; the middle of all, where that is not known."""
        known = [seconds for seconds in self.options.seconds if seconds]
        middle = sorted(known)[len(known) // 2] if known else 1.0
        pairs = zip(self.cases, self.options.seconds, strict=False)
        took = {(case.path, case.name): seconds or middle for case, seconds in pairs}
        return lambda case: took.get((case.path, case.name), middle)

    def pool(self, gate: Gate) -> Executor:
        """Threads to call the engine from."""
        threads = max(THREADS, gate.most // 2)
        if self.options.seed is None:
            return ThreadPoolExecutor(threads, "engine")
        from lab.stress import DisorderlyPool

        return DisorderlyPool(threads // 2, self.options.seed)

    def spinning(self) -> AbstractContextManager[object]:
        """What keeps the CPUs busy meanwhile, if anything."""
        if self.options.seed is None:
            return nullcontext()
        from lab.stress import spinning

        return spinning(self.options.seed)

    def prepare(self, case: Scenario, turn: Turn) -> Scenario:
        """The case as it is run in one turn."""
        if self.options.seed is None:
            return case
        from lab.stress import disturbed

        return disturbed(case, random.Random(f"{self.options.seed}/{case.name}/{turn.repeat}"))

    def remains(self, result: ScenarioResult) -> ScenarioResult:
        """As much of a result as is needed when all are over."""
        return remains(result, self.options.formats)


def engine_key(connection: Connection) -> str:
    """What an engine is known by in the history."""
    return f"{connection.engine.abilities().version} {connection.url}"
