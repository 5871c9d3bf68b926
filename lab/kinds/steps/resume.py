"""Lets a paused program and its children go on with SIGCONT.

Example:

    steps:
      - start: [server, client]
      - pause: server
      - send: {to: client, line: hello}
      - resume: server
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Programs
from lab.ports import Stage
from lab.quantities import SIGNALS
from lab.source.located import Located
from lab.source.scope import Scope


class Resume(Struct, frozen=True):
    """SIGCONT."""

    kind: ClassVar[str] = "resume"
    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"resume {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            stage.signal_group(node, SIGNALS["SIGCONT"])


SHAPE = Programs()


def decode(value: Located, scope: Scope) -> Resume:
    """The action. Raises Unreadable."""
    return Resume(SHAPE.read(value, scope))
