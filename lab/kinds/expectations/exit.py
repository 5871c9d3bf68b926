"""How the program ended: an exit status, a signal's name, or `running` for not at all.

A list allows each of several. Unsaid, a program that ends by itself must exit 0, and one that
does not must still be running when the run is over; after a stop or kill step, it must have
ended.

Example:

    expect:
      client: {exit: 2}
      server: {exit: [0, SIGTERM]}
      chat: {exit: running}
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.events import Exit, Fact, NodeObservation, State
from lab.kinds.standing import last_words, lost, silence, standing
from lab.quantities import SIGNAL_NAMES, SIGNALS, format_signal, parse_signal
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import OneOrMany, Parsed, Schema, Unreadable, patterned
from lab.verdict import Judgement, failed, passed

RUNNING = "running"


class ExitExpectation(Struct, frozen=True):
    """`allowed` are the ways it may have ended; with `running`, it may also not have."""

    span: Span
    allowed: tuple[Exit, ...] = (Exit(status=0),)
    running: bool = False
    unsaid: bool = False

    @property
    def kind(self) -> str:
        return "exit"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset()

    @property
    def well(self) -> bool:
        """It asks for a program that runs well: what goes wrong is not what it is about."""
        return self.running or self.allowed == (Exit(status=0),)

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        if error := lost(seen):
            return error
        program = seen.program
        if program.state is State.HELD:
            return failed(f"it was never started; {self._asked}")
        if program.state is State.RUNNING:
            return passed() if self.running else self._running_on(seen)
        if program.exit in self.allowed:
            return passed(final=True)
        reason = f"{standing(program)}; {self._asked}"
        return failed(reason, final=True, advice=last_words(program) or self._allowance(seen))

    def _running_on(self, seen: NodeObservation) -> Judgement:
        advice = silence(seen.program)
        if self.unsaid and not advice:
            advice = "if it does not end by itself, say so on the node: ends: false"
        return failed(f"{standing(seen.program)}; {self._asked}", advice=advice)

    @property
    def _asked(self) -> str:
        ways = [*(["still be running"] if self.running else []), *map(_way, self.allowed)]
        return f"it must {' or '.join(ways)}"

    def _allowance(self, seen: NodeObservation) -> str:
        if not self.unsaid or seen.program.exit is None:
            return ""
        return f"if that is right, say so under expect: exit: {_written(seen.program.exit)}"


def _way(end: Exit) -> str:
    return f"exit {end.status}" if end.signal is None else f"be ended by {_written(end)}"


def _written(end: Exit) -> str:
    return format_signal(end.signal) if end.signal is not None else str(end.status)


def _parse(text: str) -> Exit | None:
    if text == RUNNING:
        return None
    if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 4:
        if int(text) < 256:
            return Exit(status=int(text))
    elif text.isupper():
        return Exit(signal=parse_signal(text))
    elif text.upper() in SIGNALS:
        raise ValueError(f"write {text.upper()}")
    raise ValueError("write a status from 0 to 255, a signal such as SIGTERM, or running")


_SCHEMA: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": 255},
        patterned(f"{RUNNING}|0|[1-9][0-9]{{0,2}}|{SIGNAL_NAMES}"),
    ]
}
SHAPE = OneOrMany(
    Parsed("an exit", _parse, "write a status, a signal's name, or running", _SCHEMA),
    "a list of exits",
)


def decode(value: Located, scope: Scope) -> ExitExpectation:
    """The expectation. Raises Unreadable."""
    ways = SHAPE.read(value, scope)
    if len(set(ways)) < len(ways):
        scope.problems.add(value.span, "the same exit is listed twice", "keep one")
        raise Unreadable
    allowed = tuple(way for way in ways if way is not None)
    return ExitExpectation(value.span, allowed, running=None in ways)
