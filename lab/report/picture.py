"""What is going on right now: Progress events folded into one frozen picture.

Law: pure; the same events give the same picture, whatever draws it. A case leaves the picture
when its verdict is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from lab.events import State
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    NodeChanged,
    OutputSeen,
    PhaseBegan,
    Progress,
    StepBegan,
    StepEnded,
)
from lab.verdict import Verdict


class NodeView(Struct, frozen=True):
    """One node: `state` None until its machine is up."""

    state: State | None = None
    detail: str = ""
    line: bytes = b""


class StepView(Struct, frozen=True):
    """One step: waiting, begun, or over with a verdict."""

    title: str
    begun: bool = False
    verdict: Verdict | None = None


class CaseView(Struct, frozen=True):
    """One case under way; `began` is a moment on the drawer's clock, in seconds."""

    case: str
    began: float
    phase: str
    nodes: Mapping[str, NodeView]
    steps: tuple[StepView, ...]


class Picture(Struct, frozen=True):
    """All cases under way, how many have ended with what, and which are being removed."""

    cases: Mapping[str, CaseView] = field(default_factory=dict)
    ended: Mapping[Verdict, int] = field(default_factory=dict)
    removing: frozenset[str] = frozenset()

    @property
    def done(self) -> int:
        """How many have ended."""
        return sum(self.ended.values())


def after(picture: Picture, event: Progress, now: float) -> Picture:
    """The picture once the event has happened, `now` on the drawer's clock."""
    if isinstance(event, CaseBegan):
        return replace(picture, cases={**picture.cases, event.case: _begun(event, now)})
    if isinstance(event, CaseEnded):
        left = {name: view for name, view in picture.cases.items() if name != event.case}
        verdict = event.result.verdict
        ended = {**picture.ended, verdict: picture.ended.get(verdict, 0) + 1}
        return Picture(left, ended, picture.removing | {event.case})
    if isinstance(event, CaseRemoved):
        return replace(picture, removing=picture.removing - {event.case})
    view = picture.cases.get(event.case)
    if view is None:
        return picture
    return replace(picture, cases={**picture.cases, event.case: _changed(view, event)})


def _begun(event: CaseBegan, now: float) -> CaseView:
    views = {node: NodeView() for node in event.nodes}
    return CaseView(event.case, now, "", views, tuple(StepView(title) for title in event.steps))


def _changed(view: CaseView, event: Progress) -> CaseView:
    match event:
        case PhaseBegan():
            return replace(view, phase=event.phase)
        case NodeChanged():
            return _node(view, event.node, state=event.state, detail=event.detail)
        case OutputSeen():
            return _node(view, event.node, line=event.line)
        case StepBegan():
            return _step(view, event.index, begun=True)
        case StepEnded():
            return _step(view, event.index, verdict=event.result.verdict)
        case _:
            return view


def _node(view: CaseView, name: str, **change: object) -> CaseView:
    node = replace(view.nodes.get(name, NodeView()), **change)
    return replace(view, nodes={**view.nodes, name: node})


def _step(view: CaseView, index: int, **change: object) -> CaseView:
    steps = tuple(
        replace(step, **change) if place == index else step for place, step in enumerate(view.steps)
    )
    return replace(view, steps=steps)
