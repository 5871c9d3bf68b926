"""A scenario whose run goes on to its end whatever is seen, so that all of the output is.

Law: it changes when a run is over, never what it comes to.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from lab.events import Fact, NodeObservation
from lab.model import NodeExpectation, Scenario
from lab.ports import Expectation, peers_of
from lab.source import Span
from lab.verdict import Judgement, Verdict

EXIT = "exit"  # how a run finds out that a program is over; waiting on would be in vain


def patient(case: Scenario) -> Scenario:
    """The same case; nothing that is seen cuts its run short but how a program ended."""
    return replace(case, expectations=tuple(map(_patient, case.expectations)))


def _patient(wanted: NodeExpectation) -> NodeExpectation:
    if wanted.expectation.kind == EXIT:
        return wanted
    return replace(wanted, expectation=Patient(wanted.expectation))


class Patient(Struct, frozen=True):
    """Says what the other says, but never that it is for good."""

    other: Expectation

    @property
    def kind(self) -> str:
        return self.other.kind

    @property
    def span(self) -> Span:
        return self.other.span

    @property
    def needs(self) -> frozenset[Fact]:
        return self.other.needs

    @property
    def peers(self) -> tuple[str, ...]:
        """The other's."""
        return peers_of(self.other)

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        judgement = self.other.judge(seen, bindings)
        return replace(judgement, final=judgement.final and judgement.verdict is not Verdict.FAIL)
