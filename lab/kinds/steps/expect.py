"""Things that must hold at this point: now, or within the step's time.

Unlike in a wait, text under stdout or stderr means all that was written so far.

Example:

    steps:
      - start: [server, client]
      - expect:
          server: {listening: tcp/0.0.0.0:3490, processes: {zombies: 0}}
          client: {exit: 0}
        within: 2s
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed, sight
from lab.kinds.reading import NodeExpectations
from lab.ports import Stage
from lab.source.located import Located
from lab.source.scope import Scope


class Expect(Struct, frozen=True):
    """All of it holds."""

    kind: ClassVar[str] = "expect"
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: Wanted

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node for node, _ in self.wanted))

    @property
    def effect(self) -> Effect:
        return sight(self.wanted)

    @property
    def title(self) -> str:
        kinds = dict.fromkeys(expectation.kind for _, expectation in self.wanted)
        return f"expect {', '.join(kinds)} of {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        stage.wait(self.wanted, within)


SHAPE = NodeExpectations()


def decode(value: Located, scope: Scope) -> Expect:
    """The action. Raises Unreadable."""
    return Expect(SHAPE.read(value, scope))
