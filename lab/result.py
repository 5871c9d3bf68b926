"""What a run came to, and what it tells while it goes on, as frozen records.

Reports are rendered from these alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from lab.events import Call, Capture, ProcessRecord, State
from lab.source import Span
from lab.verdict import Judgement, Verdict


class StepResult(Struct, frozen=True):
    """One step as it went; `verdict` None: never reached. `seconds` is how long it took.

    `began`: when, on the lab's monotonic clock.
    """

    title: str
    span: Span
    verdict: Verdict | None
    seconds: float = 0.0
    judgement: Judgement | None = None
    began: float | None = None


class NetworkResult(Struct, frozen=True):
    """A network as the run had it; `family` is ipv4, ipv6 or dual."""

    name: str
    family: str
    subnets: tuple[str, ...] = ()


class LinkResult(Struct, frozen=True):
    """A node's place on a network, with the addresses the run gave it there."""

    network: str
    addresses: tuple[str, ...] = ()


class Timing(Struct, frozen=True):
    """When a run went through what, in seconds on the lab's monotonic clock.

    `phases`: the name of each, and when it began. `ahead`: how much the clock of the engine's
    host, on which programs' times are, shows more than the lab's: at least and at most this.
    """

    began: float
    phases: tuple[tuple[str, float], ...] = ()
    ahead: tuple[float, float] | None = None


class NodeResult(Struct, frozen=True):
    """One node when the run was over; `addresses` are those the run gave it.

    `visitors` are the programs that run steps began there, by what they are known by (`node#2`).
    `forwards`: it is a router.
    """

    node: str
    program: ProcessRecord
    addresses: tuple[str, ...] = ()
    visitors: tuple[tuple[str, ProcessRecord], ...] = ()
    links: tuple[LinkResult, ...] = ()
    forwards: bool = False

    @property
    def calls(self) -> tuple[Call, ...] | None:
        """Those of its own program; None: it was not traced. Visitors have theirs."""
        return self.program.calls


class ImpairmentResult(Struct, frozen=True):
    """One impairment: on how many packets each effect fell, `seen` of how many that it fits.

    `by`: who did it, the kernel's netem or the lab through nfqueue, or each a part.
    """

    title: str
    span: Span
    counts: Mapping[str, int]
    may_miss: bool = False
    by: tuple[str, ...] = ()


class ScenarioResult(Struct, frozen=True):
    """One case from plan to verdict.

    `judgements` are all that were made, those that failed first to last in file order;
    `seconds` runs from the first engine call to the verdict. `troubles` are things that went
    wrong without changing the verdict, such as something that could not be removed.
    `bindings` is what `${...}` references stood for. `repeat` counts the runs of a case that is
    run several times, from 1; 0: it is run once. `capture` has the packets of every link; None:
    nothing was captured, or it is of no use for this result. `seed` is what chance
    followed from in choosing the packets that `impairments` fell on; empty where there are none.
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
    capture: Capture | None = None
    networks: tuple[NetworkResult, ...] = ()
    timing: Timing | None = None
    impairments: tuple[ImpairmentResult, ...] = ()
    seed: str = ""


class Keep(Enum):
    """Of which cases the packets are kept; a verdict depends on it in nothing."""

    ASKED = "asked"  # those whose expectations look at packets
    ON = "on"
    FAILED = "failed"  # all are captured, and those that pass are let go
    OFF = "off"

    @property
    def captures(self) -> bool:
        """Whether every case is captured, also where no expectation asks for it."""
        return self in (Keep.ON, Keep.FAILED)

    def __call__(self, verdict: Verdict) -> bool:
        """Whether what was captured of a case with that verdict is kept."""
        return self is not Keep.OFF and (self is not Keep.FAILED or verdict >= Verdict.ERROR)


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
