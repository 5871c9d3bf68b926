"""Makes links good again: ends the impairments and partitions of these ways, or all there are.

The ways are written as those of the step that made them bad; all impairments end that concern
no others. What is held back at that moment still comes when it is due. At the end of a run all
is healed by itself.

Example:

    steps:
      - start: [server, client]
      - partition: [server, client]
      - send: {to: client, line: does anybody hear me?}
      - heal: {between: [server, client]}
      - impair: {network: lan, delay: 20ms}
      - heal: all
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted
from lab.kinds.ways import WAYS, titled, ways_of
from lab.model import Way
from lab.ports import Stage
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import ByForm, Choice, Record, Schema

_ALL = Choice("what is healed", {"all": True})
_RECORD = Record("what is healed", *WAYS)


class Heal(Struct, frozen=True):
    """The ways that are `healed`; empty: all."""

    kind: ClassVar[str] = "heal"
    effect: ClassVar[Effect] = Effect.LINKS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: ClassVar[tuple[str, ...]] = ()
    healed: tuple[Way, ...]
    title: str

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        stage.links.heal(self.healed)


class _All:
    """all"""

    def read(self, value: Located, scope: Scope) -> Heal:
        _ALL.read(value, scope)
        return Heal((), "heal all")

    def schema(self) -> Schema:
        return _ALL.schema()


class _Some:
    """{between: [server, client]}"""

    def read(self, value: Located, scope: Scope) -> Heal:
        read = _RECORD.read(value, scope)
        return Heal(ways_of(read, value, scope), f"heal {titled(read)}")

    def schema(self) -> Schema:
        return _RECORD.schema()


SHAPE = ByForm[Heal](
    "what is healed",
    "write heal: all, or heal: {between: [server, client]}",
    scalar=_All(),
    mapping=_Some(),
)


def decode(value: Located, scope: Scope) -> Heal:
    """The action. Raises Unreadable."""
    return SHAPE.read(value, scope)
