"""Tells a listener how a run goes.

Law: it only tells; the run is the same whether anybody listens. A listener that raises is told
nothing more, and what it raised is kept for the end, when everything is removed.
"""

from __future__ import annotations

from lab.events import ProcessRecord, State
from lab.executor.machine import Machine
from lab.frames import NODE_PROGRAM
from lab.model import Scenario
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    Listener,
    NodeChanged,
    OutputSeen,
    PhaseBegan,
    Progress,
    ScenarioResult,
    StepBegan,
    StepEnded,
    StepResult,
)


class Narrator:
    """One case's events, to one listener; counts what happened on the nodes."""

    def __init__(self, scenario: Scenario, listen: Listener) -> None:
        self._scenario = scenario
        self._case = scenario.name
        self._listen = listen
        self._states: dict[str, State] = {}
        self._lines: dict[str, bytes] = {}
        self._happened = 0
        self._failure: Exception | None = None

    def began(self) -> None:
        """The case is about to run."""
        nodes = tuple(node.name for node in self._scenario.topology.nodes)
        steps = tuple(step.title for step in self._scenario.steps)
        self._tell(CaseBegan(self._case, self._scenario.intent, nodes, steps))

    def phase(self, phase: str) -> None:
        """`making`, `running`, `collecting`, `judging` or `removing` begins."""
        self._tell(PhaseBegan(self._case, phase))

    def step_began(self, index: int) -> None:
        """A step begins."""
        self._tell(StepBegan(self._case, index))

    def step_ended(self, index: int, result: StepResult) -> None:
        """A step is over."""
        self._tell(StepEnded(self._case, index, result))

    def ended(self, result: ScenarioResult) -> None:
        """The verdict is known."""
        self._tell(CaseEnded(self._case, result))

    def removed(self, troubles: tuple[str, ...]) -> None:
        """Nothing is left on the engine but what the troubles name."""
        self._tell(CaseRemoved(self._case, troubles))

    def complain(self) -> None:
        """Raise what the listener raised, if it did."""
        if self._failure is not None:
            raise self._failure

    def _tell(self, event: Progress) -> None:
        if self._failure is None:
            try:
                self._listen(event)
            except Exception as failure:  # noqa: BLE001 - raised again by complain()
                self._failure = failure

    def happened(self) -> int:
        """How many things have happened on the nodes so far."""
        return self._happened

    def changed(self, machine: Machine, process: int) -> None:
        """Something happened on a node."""
        self._happened += 1
        if process != NODE_PROGRAM:
            return
        name, tracker = machine.node.name, machine.tracker()
        if self._states.get(name) is not tracker.state:
            self._states[name] = tracker.state
            detail = _detail(tracker.record())
            self._tell(NodeChanged(self._case, name, tracker.state, detail))
        elif tracker.last_line and tracker.last_line != self._lines.get(name):
            self._lines[name] = tracker.last_line
            self._tell(OutputSeen(self._case, name, tracker.last_line))


def _detail(record: ProcessRecord) -> str:
    return record.reason or (str(record.exit) if record.exit else "")
