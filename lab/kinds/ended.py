"""What stop and kill wait for: that a program has ended, however it did."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.events import Fact, NodeObservation, State
from lab.kinds.standing import lost
from lab.source import Span
from lab.verdict import Judgement, failed, passed


class Ended(Struct, frozen=True):
    """`after` names the signal it was sent."""

    span: Span
    after: str

    @property
    def kind(self) -> str:
        return "exit"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset()

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        if error := lost(seen):
            return error
        if seen.program.state is State.ENDED:
            return passed(final=True)
        if seen.program.state is State.HELD:
            return failed("it was never started, so it cannot be ended", final=True)
        advice = "" if self.after == "SIGKILL" else "kill ends a program that ignores signals"
        return failed(f"it ignored {self.after}: it is still running", advice=advice)
