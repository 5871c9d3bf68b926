"""What a case that failed holds of reasons why, looked up for explanations.

Law: only what was seen; and nothing that was asked for: a program that must be refused, and was,
explains no failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from lab.events import Call
from lab.kinds.calls.library import own
from lab.kinds.output.visible import escaped
from lab.result import ScenarioResult
from lab.story.output import Writer
from lab.story.telling import writers
from lab.verdict import Difference, Judgement, Verdict

SHOWN = 160  # bytes of a line that are shown as evidence


class Evidence(Struct, frozen=True, dict=True):
    """Of one result."""

    result: ScenarioResult

    @cached_property
    def bad(self) -> tuple[Judgement, ...]:
        """Judgements that are not as they should be."""
        return tuple(each for each in self.result.judgements if each.verdict >= Verdict.ERROR)

    @cached_property
    def suspects(self) -> tuple[Writer, ...]:
        """Programs of which something bad was found, or nothing at all."""
        good = {j.subject for j in self.result.judgements if j.verdict is Verdict.PASS}
        blamed = {found.subject for found in self.bad}
        return tuple(w for w in writers(self.result) if w.name in blamed or w.name not in good)

    def judged(self, writer: Writer) -> tuple[Judgement, ...]:
        """What is bad about a program."""
        return tuple(found for found in self.bad if found.subject == writer.name)

    @property
    def differences(self) -> Iterator[tuple[Writer, Difference]]:
        """Of each suspect, what it wrote against what it should have."""
        for writer in self.suspects:
            for found in self.judged(writer):
                if found.difference is not None:
                    yield writer, found.difference

    def wrote(self, *phrases: str) -> tuple[Writer, str] | None:
        """A suspect that wrote one of these, unasked, and its line."""
        for phrase in phrases:
            if self._asked_for(phrase):
                continue
            for writer in self.suspects:
                for data in (writer.program.stderr, writer.program.stdout):
                    if (place := data.find(phrase.encode())) >= 0:
                        return writer, escaped(_line(data, place), SHOWN)
        return None

    def called(self, *errors: str) -> tuple[Writer, Call] | None:
        """A suspect with a system call that failed so."""
        for writer in self.suspects:
            for call in own(writer.program.calls or ()):
                if call.error in errors and not self._asked_for(call.error):
                    return writer, call
        return None

    def told(self, *words: str) -> tuple[Writer, str] | None:
        """A suspect whose node got an ICMP message that says one of these, or was reset at once.

        A reset at once, the answer to a SYN, is called `RST`.
        """
        if self.result.capture is None:
            return None
        from lab.dissection.layers import dissect  # noqa: PLC0415 - slow, and seldom needed

        nodes = {writer.node: writer for writer in reversed(self.suspects)}
        for packet in self.result.capture.packets:
            if packet.outgoing or packet.node not in nodes:
                continue
            found = dissect(packet)
            reset = found.flags and {"RST", "ACK"} <= set(found.flags) and not found.sequence
            said = "RST" if reset else found.icmp
            if said in words:
                return nodes[packet.node], said
        return None

    def _asked_for(self, phrase: str) -> bool:
        rows = (
            row for found in self.result.judgements if found.difference
            for row in found.difference.rows
        )  # fmt: skip
        return any(expected is not None and phrase in expected for expected, _, _ in rows)


def _line(data: bytes, place: int) -> bytes:
    start, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
    return data[start : end if end >= 0 else len(data)]


def failing(call: Call) -> str:
    """A call as it is told: `connect() gave ECONNREFUSED`."""
    return f"{call.name}() gave {call.error}"
