"""What pause and resume do: one signal for a program and its children, and on at once."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.ports import Stage


class Standstill(Struct, frozen=True):
    """SIGSTOP or SIGCONT, as `number` on Linux."""

    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    kind: str
    nodes: tuple[str, ...]
    number: int

    @property
    def title(self) -> str:
        return f"{self.kind} {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            stage.signal_group(node, self.number)
