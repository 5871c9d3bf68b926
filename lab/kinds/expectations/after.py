"""Order across nodes: this node's line must come after a line of another one.

`comes` is a line of this node's standard output, `line` one of the other `node`'s; of each, the
first that is equal (or fits its rule) counts. With `within`, it must come no later than that
after it. Times are those at which the lines were read, on one clock; two lines in the wrong
order, but less than 20ms apart, are an ERROR: the lab cannot tell which was first.

Example:

    expect:
      client:
        after:
          node: server
          line: "server: got connection from ${client.ip}"
          comes: "client: received 'Hello, world!'"
          within: 2s
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from lab.events import Fact, NodeObservation, ProcessRecord
from lab.kinds.nodes import PROGRAM
from lab.kinds.output.decoding import Piece
from lab.kinds.output.matching import Line
from lab.kinds.output.pattern import Pattern
from lab.kinds.output.stream import too_long
from lab.kinds.output.together import together
from lab.kinds.standing import lost, lost_program, standing
from lab.kinds.times import DURATION
from lab.quantities import format_duration
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, OneOrMany, Record, Schema, Unreadable
from lab.verdict import Judgement, failed, passed, unknown

TELLABLE = 0.02  # seconds: lines are read when a busy machine finds the time


class Order(Struct, frozen=True):
    """`comes` after `line` of `node`; `within` in seconds."""

    node: str
    line: Pattern
    comes: Pattern
    within: float | None


class AfterExpectation(Struct, frozen=True):
    """All of these orders."""

    span: Span
    orders: tuple[Order, ...]

    @property
    def kind(self) -> str:
        return "after"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset()

    @property
    def peers(self) -> tuple[str, ...]:
        """The other nodes."""
        return tuple(dict.fromkeys(order.node for order in self.orders))

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        if error := lost(seen):
            return error
        return together(_judge(order, seen, bindings) for order in self.orders)


def _judge(order: Order, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
    peer = seen.peers.get(order.node)
    if peer is None:
        return unknown(f"nothing was observed of {order.node}")
    if error := lost_program(peer):
        return replace(error, subject=order.node)
    line, comes = Line(order.line, bindings), Line(order.comes, bindings)
    theirs, ours = _place(line, peer), _place(comes, seen.program)
    if theirs is None:
        return _unseen(line, peer, f"{order.node} has not shown")
    if ours is None:
        return _unseen(comes, seen.program, "it has not shown")
    earlier, later = peer.stdout_times.at(theirs), seen.program.stdout_times.at(ours)
    if earlier is None or later is None:
        return unknown("the lab cannot tell: when these lines were read is not known")
    return _compare(
        order, later - earlier, f'"{comes.shown}" came', f'"{line.shown}" of {order.node}'
    )


def _compare(order: Order, gap: float, came: str, other: str) -> Judgement:
    """`gap`: seconds by which ours came later; negative, earlier."""
    if gap < -TELLABLE:
        return failed(f"{came} {_shown(-gap)} before {other}, not after it", final=True)
    if gap < 0:
        return unknown(f"{came} {_shown(-gap)} before {other}: too close to tell which was first")
    if order.within is not None and gap > order.within:
        limit = format_duration(order.within)
        return failed(f"{came} {_shown(gap)} after {other}, not within {limit}", final=True)
    return passed(final=True)


def _shown(seconds: float) -> str:
    return format_duration(seconds) if seconds < 1 else f"{seconds:.3g}s"


def _unseen(line: Line, program: ProcessRecord, whose: str) -> Judgement:
    if program.stdout_truncated:
        return too_long("stdout", f', and {whose} "{line.shown}" in what was kept')
    return failed(f'{whose} "{line.shown}"; {standing(program)}', final=program.stdout_closed)


def _place(line: Line, program: ProcessRecord) -> int | None:
    """The index of the last byte of the first line that fits; None where there is none."""
    start = 0
    for text in re.findall(rb"[^\n]*\n|[^\n]+", program.stdout):
        start += len(text)
        if line.same_text(text.removesuffix(b"\n")):
            return start - 1
    return None


class _Node:
    """One node, or one program; a group is none."""

    _known = PROGRAM

    def read(self, value: Located, scope: Scope) -> str:
        found = self._known.read(value, scope)
        if len(found) != 1:
            name = getattr(value, "text", "")
            what = f'"{name}" is {len(found)} nodes: say which'
            scope.problems.add(value.span, what, f"write {found[0]}")
            raise Unreadable
        return found[0]

    def schema(self) -> Schema:
        return self._known.schema()


NODE = Field("node", _Node(), "the other node", required=True)
LINE = Field("line", Piece(), "a line of its standard output", required=True)
COMES = Field("comes", Piece(), "the line of this node that comes after it", required=True)
WITHIN = Field("within", DURATION, "how long after it at most")


class _Order:
    """{node, line, comes, within}"""

    _record = Record("after", NODE, LINE, COMES, WITHIN)

    def read(self, value: Located, scope: Scope) -> Order:
        read = self._record.read(value, scope)
        return Order(read[NODE], read[LINE], read[COMES], read.find(WITHIN))

    def schema(self) -> Schema:
        return self._record.schema()


SHAPE = OneOrMany(_Order(), "a list of orders")


def decode(value: Located, scope: Scope) -> AfterExpectation:
    """The expectation. Raises Unreadable."""
    return AfterExpectation(value.span, SHAPE.read(value, scope))
