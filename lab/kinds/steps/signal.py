"""Sends a signal to a program's main process, and goes on at once.

Example:

    steps:
      - start: server
      - signal: {to: server, name: SIGUSR1}
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Programs
from lab.ports import Stage
from lab.quantities import SIGNAL_NAMES, format_signal, parse_signal
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, Parsed, Record, patterned


class Signal(Struct, frozen=True):
    """`number` as on Linux."""

    kind: ClassVar[str] = "signal"
    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    number: int

    @property
    def title(self) -> str:
        return f"signal {listed(self.nodes)} with {format_signal(self.number)}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            stage.signal(node, self.number)


TO = Field(
    "to",
    Programs(),
    "the node, group or list of nodes; or a named program",
    required=True,
)
NAME = Field(
    "name",
    Parsed(
        "a signal",
        parse_signal,
        "write a signal's name: SIGTERM, SIGINT, SIGUSR1",
        patterned(SIGNAL_NAMES),
    ),
    "the signal's name",
    required=True,
)
SHAPE = Record("signal", TO, NAME)


def decode(value: Located, scope: Scope) -> Signal:
    """The action. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    return Signal(read[TO], read[NAME])
