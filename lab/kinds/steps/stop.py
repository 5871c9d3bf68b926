"""Asks a program to end with SIGTERM, and waits within the step's time until it has.

A program that ignores it makes the step FAIL. Unless its exit expectation says otherwise, a
stopped program must have exited 0 or been ended by SIGTERM.

Example:

    steps:
      - start: server
      - stop: server
        within: 2s
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.ended import Ended
from lab.kinds.nodes import Programs
from lab.ports import Stage
from lab.quantities import SIGNALS
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope


class Stop(Struct, frozen=True):
    """SIGTERM, then the end."""

    kind: ClassVar[str] = "stop"
    effect: ClassVar[Effect] = Effect.ENDS
    endings: ClassVar[tuple[Exit, ...]] = (Exit(status=0), Exit(signal=SIGNALS["SIGTERM"]))
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    span: Span

    @property
    def title(self) -> str:
        return f"stop {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        for node in self.nodes:
            stage.signal(node, SIGNALS["SIGTERM"])
        stage.wait([(node, Ended(self.span, "SIGTERM")) for node in self.nodes], within)


SHAPE = Programs()


def decode(value: Located, scope: Scope) -> Stop:
    """The action. Raises Unreadable."""
    return Stop(SHAPE.read(value, scope), value.span)
