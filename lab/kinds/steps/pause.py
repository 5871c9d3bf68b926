"""Stops a program and its children where they are with SIGSTOP, as a machine that hangs would.

Its sockets stay open and the kernel goes on taking what arrives, until their buffers are full.
A resume step lets it go on.

Example:

    steps:
      - start: [server, client]
      - pause: server
      - send: {to: client, line: is anybody there?}
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


class Pause(Struct, frozen=True):
    """SIGSTOP."""

    kind: ClassVar[str] = "pause"
    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"pause {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            stage.signal_group(node, SIGNALS["SIGSTOP"])


SHAPE = Programs()


def decode(value: Located, scope: Scope) -> Pause:
    """The action. Raises Unreadable."""
    return Pause(SHAPE.read(value, scope))
