"""The expectation on one output stream: all its claims together."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.events import Fact, NodeObservation
from lab.kinds.output.stream import Claim, stream_of
from lab.kinds.output.together import together
from lab.kinds.output.visible import escaped
from lab.kinds.standing import lost, standing
from lab.source import Span
from lab.verdict import Judgement, failed, passed


class OutputExpectation(Struct, frozen=True):
    """What must be true of `stdout` or `stderr` (its kind)."""

    kind: str
    span: Span
    claims: tuple[Claim, ...]

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset()

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        if error := lost(seen):
            return error
        stream = stream_of(seen.program, self.kind)
        return together(claim.judge(stream, bindings) for claim in self.claims)


class Silent(Struct, frozen=True):
    """The default: a stream nobody said anything about stays empty."""

    kind: str
    span: Span

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset()

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        if error := lost(seen):
            return error
        stream = stream_of(seen.program, self.kind)
        if not stream.data:
            return passed(final=stream.over)
        first = next((line for line in stream.data.split(b"\n") if line.strip()), stream.data)
        return failed(
            f"wrote to {self.kind}, of which the scenario says nothing: {escaped(first, 200)}; "
            f"{standing(seen.program)}",
            final=True,
            advice=f'if that is right, say so under expect: {self.kind}: "..." allows anything',
        )
