"""A set of cases, run and stopped together.

Law: whoever stops it waits for nothing, and everything made is removed all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from lab.executor.loop import CancelledRun, Loop
from lab.model import Scenario
from lab.result import CaseEnded, Listener, Progress, ScenarioResult
from lab.runner import World, run_case, stand_up
from lab.suite.agenda import Agenda, Turn
from lab.suite.course import Course
from lab.suite.gate import Gate
from lab.verdict import Verdict

Prepare = Callable[[Scenario, Turn], Scenario]


class Suite:
    """A set of cases to be run; cancel() may be called from a signal handler."""

    def __init__(
        self,
        cases: Sequence[Scenario],
        world: World,
        listen: Listener,
        prepare: Prepare = lambda case, _: case,
    ) -> None:
        """`prepare` makes of a case what is run in one turn, with the same name."""
        self._cases = tuple(cases)
        self._world = world
        self._told = _OneAtATime(listen)
        self._prepare = prepare
        self._loops: set[Loop] = set()
        self._cancelled = False

    def run(
        self,
        *,
        jobs: int = 1,
        keep: bool = False,
        agenda: Agenda | None = None,
        gate: Gate | None = None,
    ) -> tuple[ScenarioResult, ...]:
        """Run each once, at most `jobs` at a time, or as `agenda` and `gate` say.

        The results are in the order of the cases, repeats of one in the order they were begun.
        Runs that cancel() stopped have none. An error nobody expected stops the others.
        """
        todo = agenda or Agenda(range(len(self._cases)))
        if todo.single:  # no thread is made for it
            result = self._run(todo.take(), lambda _: None, keep=keep)
            return () if result is None else (result,)
        gate = gate or Gate.of(jobs, self._world.clock)
        run = lambda turn, judged: self._run(turn, judged, keep=keep)  # noqa: E731
        course = Course(self._cases, todo, gate, run)
        return tuple(course.go(lambda: self._cancelled, self.cancel))

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

    def _run(
        self, turn: Turn, judged: Callable[[Verdict], None], *, keep: bool
    ) -> ScenarioResult | None:
        """One turn to its end; None: it was stopped before its verdict."""

        def listen(event: Progress) -> None:
            self._told(_numbered(event, turn))
            if isinstance(event, CaseEnded):
                judged(event.result.verdict)

        case = self._prepare(self._cases[turn.case], turn)
        try:
            with self._loop() as loop:
                result = run_case(case, self._world, loop, listen, keep=keep)
        except CancelledRun:
            return None
        return replace(result, repeat=turn.repeat)

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


def _numbered(event: Progress, turn: Turn) -> Progress:
    """The event as one of a run that is told apart from other runs of the case."""
    if not turn.repeat:
        return event
    if isinstance(event, CaseEnded):
        event = replace(event, result=replace(event.result, repeat=turn.repeat))
    return replace(event, case=f"{event.case} #{turn.repeat}")


class _OneAtATime:
    """Gives events of several threads to a listener one after another."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self._lock = threading.Lock()

    def __call__(self, event: Progress) -> None:
        with self._lock:
            self._listen(event)
