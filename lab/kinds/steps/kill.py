"""Ends everything that runs on a node with SIGKILL, and waits until its program has ended.

Unless its exit expectation says otherwise, a killed program must have been ended by SIGKILL.

Example:

    steps:
      - start: server
      - kill: server
        within: 2s
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.ended import Ended
from lab.kinds.nodes import Nodes
from lab.ports import Stage
from lab.quantities import SIGNALS
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope


class Kill(Struct, frozen=True):
    """SIGKILL, then the end."""

    kind: ClassVar[str] = "kill"
    effect: ClassVar[Effect] = Effect.ENDS
    endings: ClassVar[tuple[Exit, ...]] = (Exit(signal=SIGNALS["SIGKILL"]),)
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    span: Span

    @property
    def title(self) -> str:
        return f"kill {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        for node in self.nodes:
            stage.kill(node)
        stage.wait([(node, Ended(self.span, "SIGKILL")) for node in self.nodes], within)


SHAPE = Nodes()


def decode(value: Located, scope: Scope) -> Kill:
    """The action. Raises Unreadable."""
    return Kill(SHAPE.read(value, scope), value.span)
