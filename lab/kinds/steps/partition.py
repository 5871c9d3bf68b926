"""Cuts nodes off from each other: what one side sends never reaches the other, and nobody is told.

Each side is a node, a group or a list of nodes; within a side all goes on. `{from: a, to: b}`
cuts one way only. A heal step makes it whole again. That nothing was sent across it until the
end is an ERROR, unless there stands `may-miss: true`.

Example:

    steps:
      - start: [server, client]
      - partition: [server, client]
      - send: {to: client, line: does anybody hear me?}
      - heal: {between: [server, client]}
      - partition: {from: server, to: client, may-miss: true}
"""

from __future__ import annotations

from lab.kinds.action import listed
from lab.kinds.impairment import MAY_MISS
from lab.kinds.steps.impair import Impair
from lab.kinds.ways import BETWEEN, FROM, NETWORK, TO, Sides, across, titled, ways_of
from lab.model import Impairment, Way
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import ByForm, Record, Schema

_SIDES = Sides()
_RECORD = Record("a partition", FROM, TO, BETWEEN, NETWORK, MAY_MISS)


class Partition(Impair, frozen=True):
    """All is lost."""

    kind = "partition"

    @property
    def title(self) -> str:
        return f"partition {self.impairment.title}"


def _cut(title: str, ways: tuple[Way, ...], span: Span, *, may_miss: bool = False) -> Partition:
    effects = (("loss", {"every": 1}),)
    return Partition(Impairment(title, ways, effects, span, may_miss=may_miss))


class _Listed:
    """[[ann, bob], cyd]"""

    def read(self, value: Located, scope: Scope) -> Partition:
        sides = _SIDES.read(value, scope)
        title = f"between {listed(tuple('+'.join(side) for side in sides))}"
        return _cut(title, across(sides), value.span)

    def schema(self) -> Schema:
        return _SIDES.schema()


class _Directed:
    """{from, to}"""

    def read(self, value: Located, scope: Scope) -> Partition:
        read = _RECORD.read(value, scope)
        ways = ways_of(read, value, scope)
        return _cut(titled(read), ways, value.span, may_miss=read.get(MAY_MISS, False))

    def schema(self) -> Schema:
        return _RECORD.schema()


SHAPE = ByForm[Partition](
    "a list of sides",
    "write partition: [server, client], or {from: server, to: client}",
    sequence=_Listed(),
    mapping=_Directed(),
)


def decode(value: Located, scope: Scope) -> Partition:
    """The action. Raises Unreadable."""
    return SHAPE.read(value, scope)
