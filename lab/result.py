"""What a run came to, and what it tells while it goes on, as frozen records.

Reports are rendered from these alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from lab.events import ProcessRecord, State
from lab.source import Span
from lab.verdict import Judgement, Verdict


class StepResult(Struct, frozen=True):
    """One step as it went; `verdict` None: never reached. `seconds` is how long it took."""

    title: str
    span: Span
    verdict: Verdict | None
    seconds: float = 0.0
    judgement: Judgement | None = None


class NodeResult(Struct, frozen=True):
    """One node when the run was over; `addresses` are those the run gave it.

    `visitors` are the programs that run steps began there, by what they are known by (`node#2`).
    """

    node: str
    program: ProcessRecord
    addresses: tuple[str, ...] = ()
    visitors: tuple[tuple[str, ProcessRecord], ...] = ()


class ScenarioResult(Struct, frozen=True):
    """One case from plan to verdict.

    `judgements` are all that were made, those that failed first to last in file order;
    `seconds` runs from the first engine call to the verdict. `troubles` are things that went
    wrong without changing the verdict, such as something that could not be removed.
    `bindings` is what `${...}` references stood for. `repeat` counts the runs of a case that is
    run several times, from 1; 0: it is run once.
    """

    scenario: str
    case: str
    path: Path
    intent: str
    verdict: Verdict
    reason: str
    seconds: float
    steps: tuple[StepResult, ...] = ()
    nodes: tuple[NodeResult, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    help: str = ""
    troubles: tuple[str, ...] = ()
    bindings: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 0


# -- while it runs ---------------------------------------------------------------------------


class CaseBegan(Struct, frozen=True):
    """A case is about to run; `nodes` and `steps` are names and titles in order."""

    case: str
    intent: str
    nodes: tuple[str, ...]
    steps: tuple[str, ...]


class PhaseBegan(Struct, frozen=True):
    """`making`, `running`, `collecting`, `judging` or `removing`."""

    case: str
    phase: str


class NodeChanged(Struct, frozen=True):
    """A node's program changed state; `detail` is how it ended, where it did."""

    case: str
    node: str
    state: State
    detail: str = ""


class OutputSeen(Struct, frozen=True):
    """A node wrote something; `line` is its last line so far, raw."""

    case: str
    node: str
    line: bytes


class StepBegan(Struct, frozen=True):
    """Step number `index` (from 0) begins."""

    case: str
    index: int


class StepEnded(Struct, frozen=True):
    """Step number `index` is over."""

    case: str
    index: int
    result: StepResult


class CaseEnded(Struct, frozen=True):
    """The verdict is known; removal may still be going on."""

    case: str
    result: ScenarioResult


class CaseRemoved(Struct, frozen=True):
    """Everything of the case is gone from the engine, or `troubles` says what is not."""

    case: str
    troubles: tuple[str, ...] = ()


Progress = (
    CaseBegan
    | PhaseBegan
    | NodeChanged
    | OutputSeen
    | StepBegan
    | StepEnded
    | CaseEnded
    | CaseRemoved
)


class Listener(Protocol):
    """Who is told; called from the run's own thread, must return at once and never raise."""

    def __call__(self, event: Progress) -> None: ...
