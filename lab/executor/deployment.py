"""A plan on an engine, from nothing and back to nothing.

Law: deploy() may fail or be stopped anywhere; remove() then still removes everything.
"""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial

from msgspec.structs import replace

from lab.errors import EngineError
from lab.executor.graph import Graph
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.site import Site
from lab.executor.watched import Outstanding
from lab.plan import Plan
from lab.ports import Engine
from lab.verdict import Judgement, unknown

_DEPLOY_LIMIT = 120.0  # seconds for the engine to make a scenario's nodes
_REMOVE_LIMIT = 90.0  # seconds for the engine to end what it was asked, and again to remove
_EACH = 2.0  # seconds more for each node, of either: four times what a slow engine takes
_UNSETTLED = "the engine was still making things when the others were removed: lab clean"
SILENT = "the engine does not answer, so nothing was removed: once it does, lab clean"
_ANSWER_LIMIT = 5.0  # seconds for a node to answer, or its stream to end


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
        limit = self._limit(_DEPLOY_LIMIT)
        deadline = self._loop.clock.now() + limit
        machines = self.site.machines.values()
        made = self._graph.walk(self._plan.deployment, deadline)
        up = made and self._loop.until(Outstanding(partial(_up, m) for m in machines), deadline)
        if not up:
            raise EngineError(
                f"the engine did not bring the nodes up in {limit:g} s",
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
        self._loop.until(Outstanding(partial(_told, m, token) for m, token in asked), limit)
        return self.deaths()

    def _death(self, machine: Machine) -> Judgement:
        try:
            reason = self._engine.death(machine.name)
        except EngineError as error:
            reason = f"{machine.record().reason}, and why cannot be asked: {error.what}"
        machine.lose(reason)
        said = unknown(f"the node is gone: {reason}")
        return replace(said, subject=machine.node.name, span=machine.node.span)

    def remove(
        self, *, doubtful: bool = False, but: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Remove everything that was begun `but` these networks; what could not be, in sentences.

        Where a node could not be removed, they are too; `site.left` says which were not.

        `doubtful`: something went wrong that may be the engine's own end; it is asked first, and
        nothing else where it does not answer.
        """
        with self._loop.shielded():
            if doubtful and self.site.begun and self._silent():
                self.leave()
                return (SILENT,)
            settled = self._graph.settle(self._loop.clock.now() + self._limit(_REMOVE_LIMIT))
            # A node ends with its stream. It stays open: engines lose count when many end at once.
            for machine in self.site.machines.values():
                machine.mute()
            self.site.to_leave = but
            late = self._undo()
            if self.site.troubles and not late:  # once more: that is cheaper than what stays
                self.site.to_leave = frozenset()
                self.site.left.clear()
                self.site.troubles.clear()
                late = self._undo()
            self.leave()
        unfinished = () if settled else (_UNSETTLED,)
        return (*self.site.troubles, *late, *unfinished)

    def _silent(self) -> bool:
        return self.site.pulse.silent or not self._engine.answers()

    def _undo(self) -> tuple[str, ...]:
        walk = Graph(self._loop, self._pool, self.site.undo)
        limit = self._limit(_REMOVE_LIMIT)
        done = walk.walk(self._plan.removal, self._loop.clock.now() + limit)
        return () if done else (f"the engine did not remove all in {limit:g} s",)

    def _limit(self, least: float) -> float:
        return least + _EACH * len(self.site.machines)

    def leave(self) -> None:
        """Let go of everything and leave it up."""
        for machine in self.site.machines.values():
            machine.disconnect()


def _up(machine: Machine) -> bool:
    return machine.up or machine.over()


def _told(machine: Machine, token: int) -> bool:
    return machine.disconnected or machine.answered >= token
