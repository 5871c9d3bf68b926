"""A set of cases, run and stopped together.

Law: whoever stops it waits for nothing, and everything made is removed all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from msgspec.structs import replace

from lab.errors import EngineError
from lab.executor.deployment import SILENT
from lab.executor.loop import CancelledRun, Loop
from lab.model import Scenario
from lab.ports import Engine
from lab.result import CaseEnded, CaseRemoved, Listener, Progress, ScenarioResult
from lab.runner import Networks, World, run_case, stand_up
from lab.suite.agenda import Agenda, Turn
from lab.suite.course import Course
from lab.suite.gate import Gate
from lab.verdict import Verdict

_OF_ALL = "networks kept for several cases"  # what troubles with them are told under

Prepare = Callable[[Scenario, Turn], Scenario]
Remains = Callable[[ScenarioResult], ScenarioResult]


class Suite:
    """A set of cases to be run; cancel() may be called from a signal handler."""

    def __init__(
        self,
        cases: Sequence[Scenario],
        world: World,
        listen: Listener,
        prepare: Prepare = lambda case, _: case,
        remains: Remains = lambda result: result,
    ) -> None:
        """`prepare` makes of a case what is run in one turn, with the same name.

        `remains`: as much of a result as is kept until all have one; listeners are told all of it.
        """
        self._cases = tuple(cases)
        self._world = world
        self._told = _OneAtATime(listen)
        self._prepare = prepare
        self._remains = remains
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
            result = self._run(todo.take(), lambda _: None, self._world, keep=keep)
            return () if result is None else (result,)
        gate = gate or Gate.of(jobs, self._world.clock)
        with self._sharing(todo.rounds, keep=keep) as world:
            run = lambda turn, judged: self._run(turn, judged, world, keep=keep)  # noqa: E731
            course = Course(self._cases, todo, gate, run)
            return tuple(course.go(lambda: self._cancelled, self.cancel))

    @contextmanager
    def _sharing(self, rounds: float, *, keep: bool) -> Iterator[World]:
        """The world, in which cases leave networks for each other; none is there afterwards.

        Not where they are to be kept, nor where subnets are few: other labs may need them; nor
        where the engine is no good at it.
        """
        lasting = self._world.pools.ample and self._world.engine.abilities().networks_last
        apart = keep or not lasting
        topologies = () if apart else (case.topology for case in self._cases)
        networks = Networks(topologies, rounds)
        try:
            yield replace(self._world, networks=networks)
        finally:
            self._remove(networks.take_all())

    def _remove(self, networks: Sequence[str]) -> None:
        """Networks that were left for cases which did not come after all."""
        if not networks:
            return
        engine = self._world.engine
        if engine.answers():
            found = list(self._world.pool.map(partial(_removed, engine), networks))
        else:
            found = [SILENT]
        if troubles := tuple(filter(None, found)):
            self._told(CaseRemoved(_OF_ALL, troubles))

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
        self, turn: Turn, judged: Callable[[Verdict], None], world: World, *, keep: bool
    ) -> ScenarioResult | None:
        """One turn to its end; None: it was stopped before its verdict."""

        def listen(event: Progress) -> None:
            self._told(_numbered(event, turn))
            if isinstance(event, CaseEnded):
                judged(event.result.verdict)

        case = self._prepare(self._cases[turn.case], turn)
        try:
            with self._loop() as loop:
                result = run_case(case, world, loop, listen, keep=keep)
        except CancelledRun:
            return None
        return self._remains(replace(result, repeat=turn.repeat))

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


def _removed(engine: Engine, network: str) -> str:
    """Remove it; why it could not be."""
    try:
        engine.remove_network(network)
    except EngineError as error:
        return f"{network} could not be removed: {error}"
    return ""


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
