"""One case's machines, for somebody who does one thing after another to them.

Law: whatever was made is removed by remove(). All of it belongs to the thread of its loop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from lab.events import Fact, NodeObservation, ProcessRecord, State
from lab.executor.loop import Loop
from lab.executor.names import new_run
from lab.executor.stage import LiveStage
from lab.kinds.standing import lost, standing
from lab.model import Scenario
from lab.ports import Step, StepFailed
from lab.quantities import SIGNALS
from lab.result import NodeResult
from lab.runner.making import Making
from lab.runner.timeline import attempt
from lab.runner.world import World
from lab.source import Span
from lab.verdict import Judgement, failed, passed


class _Over(Struct, frozen=True):
    """A program has ended, and everybody who could write for it has, too."""

    kind: ClassVar[str] = "exit"
    needs: ClassVar[frozenset[Fact]] = frozenset()
    span: Span

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        program = seen.program
        if error := lost(seen):
            return error
        if program.state is State.RUNNING:
            return failed(f"{program.argv[0]} has not ended")
        if program.exit is None:
            return failed(standing(program), final=True)
        if program.stdout_closed and program.stderr_closed:
            return passed(final=True)
        return failed(f"{program.argv[0]} has ended, but left somebody who may still write")


class LiveCase:
    """Made by make(); there is nothing to do to it before."""

    def __init__(self, scenario: Scenario, world: World, loop: Loop) -> None:
        self._scenario = scenario
        self._world = world
        self._loop = loop
        names = new_run(scenario.name, seconds=scenario.timeout)
        self._making = Making(scenario, world, loop, names, lambda _machine, _process: None)
        self._stage: LiveStage | None = None

    def make(self) -> None:
        """Have its machines, held. Raises LabError, CancelledRun."""
        site = self._making.make().site
        exits = {
            node.name: [
                wanted.expectation
                for wanted in self._scenario.expectations
                if wanted.node == node.name and wanted.expectation.kind == "exit"
            ]
            for node in self._scenario.topology.nodes
        }
        self._stage = LiveStage(self._loop, self._world.agent, site, exits, math.inf)

    @property
    def stage(self) -> LiveStage:
        """What may be done to it."""
        assert self._stage is not None, "make() comes first"
        return self._stage

    def attempt(self, step: Step) -> Judgement | None:
        """Do a step; why it did not come to what it had to, else None. Raises CancelledRun."""
        return attempt(step, self.stage, self._making.casualties)

    def run(self, node: str, argv: Sequence[str], within: float) -> ProcessRecord:
        """Run another program there, without input, to its end; else it is killed.

        Raises StepFailed, CancelledRun.
        """
        stage = self.stage
        key = stage.run(node, argv)
        stage.close_input(key)
        try:
            stage.wait([(key, _Over(self._scenario.topology.node(node).span))], within)
        except StepFailed:
            stage.signal_group(key, SIGNALS["SIGKILL"])
            raise
        record = stage.observe(key, frozenset()).program
        stage.forget(key)
        return record

    def nodes(self) -> tuple[NodeResult, ...]:
        """What is known of each machine."""
        if self._stage is not None:
            self._stage.collect()
        return self._making.nodes()

    def remove(self) -> tuple[str, ...]:
        """Remove everything; what could not be, in sentences."""
        return self._making.remove()
