"""One case's machines, for somebody who does one thing after another to them.

Law: whatever was made is removed by remove(). All of it belongs to the thread of its loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lab.events import ProcessRecord
from lab.executor.loop import Loop
from lab.executor.names import new_run
from lab.executor.stage import LiveStage
from lab.model import Scenario
from lab.ports import Step
from lab.result import NodeResult
from lab.runner.making import Making
from lab.runner.timeline import attempt
from lab.runner.world import World
from lab.verdict import Judgement


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
        return attempt(step, self.stage, self._making.deaths)

    def run(self, node: str, argv: Sequence[str], within: float) -> ProcessRecord:
        """Run another program there, to its end. Raises StepFailed, CancelledRun."""
        return self.stage.finish(self.stage.run(node, argv), within)

    def nodes(self) -> tuple[NodeResult, ...]:
        """What is known of each machine."""
        return self._making.nodes()

    def remove(self) -> tuple[str, ...]:
        """Remove everything; what could not be, in sentences."""
        return self._making.remove()
