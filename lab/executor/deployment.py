"""A plan on an engine, from nothing and back to nothing.

Law: deploy() may fail or be stopped anywhere; remove() then still removes everything.
"""

from __future__ import annotations

from concurrent.futures import Executor

from msgspec.structs import replace

from lab.errors import EngineError
from lab.executor.graph import Graph
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.site import Site
from lab.plan import Plan
from lab.ports import Engine
from lab.verdict import Judgement, unknown

_DEPLOY_LIMIT = 120.0  # seconds for the engine to make a scenario's nodes
_UNSETTLED = "the engine was still making things when the others were removed: lab clean"
_SILENT = "the engine does not answer, so nothing was removed: once it does, lab clean"
_ANSWER_LIMIT = 5.0  # seconds for a node to answer, or its stream to end
_REMOVE_LIMIT = 90.0  # seconds for the engine to end what it was asked, and again to remove


class Deployment:
    """One attempt to have a plan's networks and nodes."""

    def __init__(
        self, planned: Plan, site: Site, loop: Loop, pool: Executor, engine: Engine
    ) -> None:
        self._plan = planned
        self.site = site
        self._loop = loop
        self._pool = pool
        self._engine = engine
        self._graph = Graph(loop, pool, site.perform)

    def deploy(self) -> None:
        """Make everything, and wait until every holder is up and the agent knows every node.

        Raises LabError, SubnetTakenError, CancelledRun.
        """
        deadline = self._loop.clock.now() + _DEPLOY_LIMIT
        machines = self.site.machines.values()
        made = self._graph.walk(self._plan.deployment, deadline)
        up = made and self._loop.until(lambda: all(m.up or m.over() for m in machines), deadline)
        if not up:
            raise EngineError(
                f"the engine did not bring the nodes up in {_DEPLOY_LIMIT:g} s",
                help="lab doctor says how the engine is",
            )
        deaths = self.deaths()
        if deaths:
            raise EngineError(f"{deaths[0].subject}: {deaths[0].reason}")

    def deaths(self) -> tuple[Judgement, ...]:
        """ERROR for every node that went away by itself, with the engine's reason."""
        return tuple(
            self._death(machine) for machine in self.site.machines.values() if machine.disconnected
        )

    def casualties(self) -> tuple[Judgement, ...]:
        """The same once it is sure: a node that lives answers, the stream of one that died ends.

        Whatever failed because of a death may have been told of it before the stream was.
        """
        machines = [m for m in self.site.machines.values() if m.started and not m.disconnected]
        asked = [(machine, machine.ping()) for machine in machines]
        limit = self._loop.clock.now() + _ANSWER_LIMIT
        self._loop.until(lambda: all(m.disconnected or m.answered >= t for m, t in asked), limit)
        return self.deaths()

    def _death(self, machine: Machine) -> Judgement:
        try:
            reason = self._engine.death(machine.name)
        except EngineError as error:
            reason = f"{machine.record().reason}, and why cannot be asked: {error.what}"
        machine.lose(reason)
        said = unknown(f"the node is gone: {reason}")
        return replace(said, subject=machine.node.name, span=machine.node.span)

    def remove(self, *, doubtful: bool = False) -> tuple[str, ...]:
        """Remove everything that was begun; what could not be, in sentences.

        `doubtful`: something went wrong that may be the engine's own end; it is asked first, and
        nothing else where it does not answer.
        """
        with self._loop.shielded():
            if doubtful and self.site.begun and not self._engine.answers():
                self.leave()
                return (_SILENT,)
            settled = self._graph.settle(self._loop.clock.now() + _REMOVE_LIMIT)
            self.leave()
            late = self._undo()
            if self.site.troubles and not late:  # once more: that is cheaper than what stays
                self.site.troubles.clear()
                late = self._undo()
        unfinished = () if settled else (_UNSETTLED,)
        return (*self.site.troubles, *late, *unfinished)

    def _undo(self) -> tuple[str, ...]:
        walk = Graph(self._loop, self._pool, self.site.undo)
        done = walk.walk(self._plan.removal, self._loop.clock.now() + _REMOVE_LIMIT)
        return () if done else (f"the engine did not remove all in {_REMOVE_LIMIT:g} s",)

    def leave(self) -> None:
        """Let go of everything and leave it up."""
        for machine in self.site.machines.values():
            machine.disconnect()
