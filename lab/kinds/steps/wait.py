"""Waits until something is seen of a node: a line of output, an exit, a bound port.

Text under stdout or stderr means lines that have been seen, in that order, whatever came before
and after. Waiting is for events, and ends with FAIL as soon as it can no longer be seen.

Example:

    steps:
      - start: server
      - wait: {for: server, stdout: "server: waiting for connections..."}
      - start: client
      - wait: {for: client, exit: 0}
        within: 5s
      - wait: {for: server, listening: tcp/0.0.0.0:3490}
"""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed, sight
from lab.kinds.nodes import Programs
from lab.kinds.reading import Expectations
from lab.ports import Stage
from lab.source.located import Located, Mapping, Scalar, describe
from lab.source.scope import Scope
from lab.source.shapes import Schema, refused
from lab.source.shapes.collections import attempt, entries
from lab.source.shapes.shape import Unreadable

FOR = "for"


class Wait(Struct, frozen=True):
    """Until all of it is seen."""

    kind: ClassVar[str] = "wait"
    endings: ClassVar[tuple[Exit, ...]] = ()
    nodes: tuple[str, ...]
    wanted: Wanted

    @property
    def effect(self) -> Effect:
        return sight(self.wanted)

    @property
    def title(self) -> str:
        kinds = dict.fromkeys(expectation.kind for _, expectation in self.wanted)
        return f"wait for {', '.join(kinds)} of {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        stage.wait(self.wanted, within)


class _Shape:
    """for: node, and beside it expectations."""

    _expectations = Expectations(beside=(FOR,))

    def read(self, value: Located, scope: Scope) -> Wait:
        mend = "write wait: {for: server, exit: 0}"
        if isinstance(value, Scalar) and re.fullmatch("[0-9.]+(ms|s|m)?", value.text):
            what = "the lab waits for what is seen, never for time"
            raise refused(scope, value.span, what, "write wait: {for: server, stdout: ...}")
        if not isinstance(value, Mapping):
            raise refused(scope, value.span, f"wait is a mapping, not {describe(value)}", mend)
        pairs = {key.text: item for key, item in entries(value, scope, "wait")}
        if FOR not in pairs:
            raise refused(scope, value.span, 'wait needs "for"', mend)
        nodes = attempt(Programs(), pairs[FOR], scope)
        found = attempt(self._expectations, value, replace(scope, awaiting=True))
        if nodes is None or found is None:
            raise Unreadable
        wanted = tuple((node, expectation) for node in nodes[0] for expectation in found[0])
        return Wait(nodes[0], wanted)

    def schema(self) -> Schema:
        schema = dict(self._expectations.schema())
        known = schema["properties"]
        assert isinstance(known, dict)
        return {
            **schema,
            "properties": {FOR: Programs().schema(), **known},
            "required": [FOR],
            "minProperties": 2,
        }


SHAPE = _Shape()


def decode(value: Located, scope: Scope) -> Wait:
    """The action. Raises Unreadable."""
    return SHAPE.read(value, scope)
