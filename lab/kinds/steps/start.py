"""Lets a held program go, and waits until it is ready; a list starts at the same moment.

A program is ready when what its node's `ready` says is seen: unsaid, when the ports its service
declares are bound. Nothing is sent to find out.

Example:

    steps:
      - start: server
      - start: [client, chat]
        within: 5s
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Nodes
from lab.ports import Stage
from lab.source.located import Located
from lab.source.scope import Scope


class Start(Struct, frozen=True):
    """Release all together, then wait for each."""

    kind: ClassVar[str] = "start"
    effect: ClassVar[Effect] = Effect.STARTS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"start {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        stage.release(self.nodes)
        stage.wait_ready(self.nodes, within)


SHAPE = Nodes()


def decode(value: Located, scope: Scope) -> Start:
    """The action. Raises Unreadable."""
    return Start(SHAPE.read(value, scope))
