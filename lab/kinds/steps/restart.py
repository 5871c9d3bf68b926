"""Ends a program and begins it again at once, on the same machine, and waits until it is ready.

It is sent SIGTERM, or the signal that is named, and must end within the step's time; one that
has ended by itself just begins again. What it wrote before does not make it ready. The machine
stays as it is: connections of before may still be in TIME_WAIT, children of before may still
run. How it ended then is not judged; exit expectations are about its last end. Its output goes
on in one record, so a line that both wrote is there twice: `contains: [{text: ..., at-least: 2}]`
waits for the second.

Example:

    steps:
      - start: server
      - start: client
      - restart: server
        within: 2s
      - restart: {node: server, signal: SIGKILL}
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.ended import Ended
from lab.kinds.nodes import Nodes
from lab.ports import Stage
from lab.quantities import SIGNAL_NAMES, SIGNALS, format_signal, parse_signal
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import ByForm, Field, Parsed, Record, Schema, patterned

TERMINATE = SIGNALS["SIGTERM"]


class Restart(Struct, frozen=True):
    """The signal, the end, the next beginning."""

    kind: ClassVar[str] = "restart"
    effect: ClassVar[Effect] = Effect.RESTARTS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    span: Span
    signal: int = TERMINATE

    @property
    def title(self) -> str:
        return f"restart {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        for node in self.nodes:
            stage.signal(node, self.signal)
        ended = Ended(self.span, format_signal(self.signal))
        stage.wait([(node, ended) for node in self.nodes], within)
        stage.release(self.nodes)
        stage.wait_ready(self.nodes, within)


NODE = Field("node", Nodes(), "the node, group or list of nodes", required=True)
SIGNAL = Field(
    "signal",
    Parsed(
        "a signal", parse_signal, "write a signal's name: SIGTERM, SIGKILL", patterned(SIGNAL_NAMES)
    ),
    "what ends it, default SIGTERM",
)
_RECORD = Record("restart", NODE, SIGNAL)


class _Plain:
    """Nodes alone."""

    def read(self, value: Located, scope: Scope) -> Restart:
        return Restart(Nodes().read(value, scope), value.span)

    def schema(self) -> Schema:
        return Nodes().schema()


class _Signalled:
    """{node, signal}"""

    def read(self, value: Located, scope: Scope) -> Restart:
        read = _RECORD.read(value, scope)
        return Restart(read[NODE], value.span, read.get(SIGNAL, TERMINATE))

    def schema(self) -> Schema:
        return _RECORD.schema()


SHAPE = ByForm(
    "a node",
    "write restart: server, or restart: {node: server, signal: SIGKILL}",
    scalar=_Plain(),
    sequence=_Plain(),
    mapping=_Signalled(),
)


def decode(value: Located, scope: Scope) -> Restart:
    """The action. Raises Unreadable."""
    return SHAPE.read(value, scope)
