"""Many cases: run in order or side by side, told as they go, stopped together.

Law: a case's result depends on nothing but the case; which run beside it changes no verdict.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lab.executor.loop import CancelledRun, Loop
from lab.model import Scenario
from lab.result import Listener, Progress, ScenarioResult
from lab.runner import World, run_case, stand_up


class Suite:
    """A set of cases to be run once; cancel() may be called from a signal handler."""

    def __init__(self, cases: Sequence[Scenario], world: World, listen: Listener) -> None:
        self._cases = tuple(cases)
        self._world = world
        self._told = _OneAtATime(listen)
        self._loops: set[Loop] = set()
        self._cancelled = False

    def run(self, *, jobs: int = 1, keep: bool = False) -> tuple[ScenarioResult, ...]:
        """Run all, at most `jobs` at once; the results in the order of the cases.

        Cases that cancel() stopped have no result. An error nobody expected stops the others.
        """
        if jobs == 1:
            results = [self._run(case, keep=keep) for case in self._cases]
        else:
            with ThreadPoolExecutor(jobs, "case") as pool:
                results = list(pool.map(lambda case: self._run(case, keep=keep), self._cases))
        return tuple(result for result in results if result is not None)

    def up(self) -> None:
        """Make the machines of every case, held, and leave them. Raises LabError, CancelledRun."""
        for case in self._cases:
            with self._loop() as loop:
                stand_up(case, self._world, loop, self._told)

    def cancel(self) -> None:
        """Stop what runs, removing everything; begin nothing more."""
        self._cancelled = True
        for loop in tuple(self._loops):
            loop.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether cancel() was called."""
        return self._cancelled

    def _run(self, case: Scenario, *, keep: bool) -> ScenarioResult | None:
        try:
            with self._loop() as loop:
                return run_case(case, self._world, loop, self._told, keep=keep)
        except CancelledRun:
            return None
        except BaseException:
            self.cancel()
            raise

    @contextmanager
    def _loop(self) -> Iterator[Loop]:
        """A case's loop, which cancel() reaches. Raises CancelledRun where that came first."""
        with Loop(self._world.clock) as loop:
            self._loops.add(loop)
            try:
                if self._cancelled:
                    raise CancelledRun
                yield loop
            finally:
                self._loops.discard(loop)


class _OneAtATime:
    """Gives events of several threads to a listener one after another."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self._lock = threading.Lock()

    def __call__(self, event: Progress) -> None:
        with self._lock:
            self._listen(event)
