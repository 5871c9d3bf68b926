"""Ends a program's standard input: it reads end of file once it has read what was sent.

Example:

    steps:
      - start: server
      - start: client
      - close-stdin: client
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Programs
from lab.ports import Stage
from lab.source.located import Located
from lab.source.scope import Scope


class CloseStdin(Struct, frozen=True):
    """End of input."""

    kind: ClassVar[str] = "close-stdin"
    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"close stdin of {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            stage.close_input(node)


SHAPE = Programs()


def decode(value: Located, scope: Scope) -> CloseStdin:
    """The action. Raises Unreadable."""
    return CloseStdin(SHAPE.read(value, scope))
