r"""Writes to a program's standard input: a line, text without a newline, or bytes.

`line` adds the newline; `text` adds nothing; in `bytes`, \0, \r, \n, \t, \\ and \xNN are the
bytes they name.

Example:

    steps:
      - start: [server, client]
      - send: {to: client, line: hello}
      - send: {to: client, text: no newline}
      - send: {to: client, bytes: 'a\x00b\n'}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Programs
from lab.kinds.output.visible import unescape
from lab.ports import Stage
from lab.source.excerpt import quote
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, Record, TemplateText, Unreadable
from lab.source.template import Template


class Send(Struct, frozen=True):
    """`escapes`: the text holds escapes; `newline`: one is added."""

    kind: ClassVar[str] = "send"
    effect: ClassVar[Effect] = Effect.NONE
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    content: Template
    newline: bool
    escapes: bool

    @property
    def title(self) -> str:
        return f"send {quote(self.content.text, 40)} to {listed(self.nodes)}"

    def data(self, bindings: Mapping[str, str]) -> bytes:
        """The bytes, once references are known. KeyError: one is not."""
        if not self.escapes:
            return self.content.render(bindings).encode() + (b"\n" if self.newline else b"")
        return self.content.transform(
            bindings,
            lambda text: unescape(text).decode("latin-1"),
            lambda value: value.encode().decode("latin-1"),
        ).encode("latin-1")

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        data = self.data(stage.bindings())
        for node in self.nodes:
            stage.send(node, data)


TO = Field(
    "to",
    Programs(),
    "the node, group or list of nodes; or a named program",
    required=True,
)
LINE = Field("line", TemplateText(), "text, to which a newline is added")
TEXT = Field("text", TemplateText(), "text, to which nothing is added")
BYTES = Field("bytes", TemplateText(), r"bytes, with \0, \r, \n, \t, \\ and \xNN")
_ONE = [{"required": [field.name]} for field in (LINE, TEXT, BYTES)]
SHAPE = Record("send", TO, LINE, TEXT, BYTES, also={"oneOf": _ONE})


def decode(value: Located, scope: Scope) -> Send:
    """The action. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    given = [field for field in (LINE, TEXT, BYTES) if field in read]
    if len(given) != 1:
        what = "send needs one of line, text and bytes"
        scope.problems.add(value.span, what, "write send: {to: client, line: hello}")
        raise Unreadable
    (field,) = given
    content = read[field]
    if field is BYTES:
        _check_escapes(read.located(field), content, scope)
    return Send(read[TO], content, newline=field is LINE, escapes=field is BYTES)


def _check_escapes(value: Located, content: Template, scope: Scope) -> None:
    try:
        content.transform(
            dict.fromkeys(content.references, ""),
            lambda text: unescape(text).decode("latin-1"),
            str,
        )
    except ValueError as error:
        scope.problems.add(value.span, f"{quote(content.text)} cannot be read as bytes", str(error))
        raise Unreadable from None
