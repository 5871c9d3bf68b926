"""Runs another program on a node, beside the node's own, and waits for what is expected of it.

Either a command, or a service of the catalog with its arguments. Unless its `expect` says
otherwise it must exit 0 within the step's time; text under stdout is then all of its output.
On a node of that service, the service is the node's own program once more, whatever has taken
its place (`lab run --use`).

With `as`, the step only begins it (and waits for what its `expect` says, if there is any): later
steps and expectations know it by that name, as if it were a node's own program. Unsaid, it must
have exited 0 when the run is over, and nothing may be on its stderr.

Example:

    steps:
      - start: server
      - run:
          on: client
          command: [getent, hosts, server]
          expect: {stdout: {contains: "${server.ip}"}}
      - run: {on: client, service: stream-client, args: [server]}
      - run: {on: client, command: [cat], as: copy}
      - send: {to: copy, line: hello}
      - close-stdin: copy
    expect:
      copy: {stdout: "hello\\n"}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Named, Wanted, listed
from lab.kinds.expectations.exit import ExitExpectation
from lab.kinds.names import LABEL, label_fault
from lab.kinds.nodes import Nodes
from lab.kinds.reading import Expectations
from lab.ports import Expectation, Stage
from lab.source.excerpt import quote
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import (
    Field,
    Known,
    ListOf,
    Read,
    Record,
    TemplateText,
    Text,
    Unreadable,
    refused,
)
from lab.source.template import Template


class Run(Struct, frozen=True):
    """`words` are the program and its arguments, or behind a service's `command` these alone."""

    kind: ClassVar[str] = "run"
    effect: ClassVar[Effect] = Effect.VISITS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: tuple[str, ...]
    words: tuple[Template, ...]
    expectations: tuple[Expectation, ...]
    program: str
    command: tuple[str, ...] = ()
    named: Named | None = None

    @property
    def title(self) -> str:
        name = f" as {self.named.name}" if self.named else ""
        return f"run {self.program} on {listed(self.nodes)}{name}"

    def apply(self, stage: Stage, within: float) -> None:
        words = [word.render(stage.bindings()) for word in self.words]
        name = self.named.name if self.named else ""
        keys = [stage.run(node, [*self._command(stage, node), *words], name) for node in self.nodes]
        if self.expectations:
            stage.wait([(key, each) for key in keys for each in self.expectations], within)

    def _command(self, stage: Stage, node: str) -> Sequence[str]:
        own = stage.command(node, self.program) if self.command else None
        return self.command if own is None else own


ON = Field("on", Nodes(), "the node, group or list of nodes", required=True)
COMMAND = Field(
    "command", ListOf(TemplateText(without_nul=True), "a list", 1), "the program and its arguments"
)
SERVICE = Field(
    "service",
    Known("service", "services are the folders with a service.yaml"),
    "a service of the catalog, in place of command",
)
ARGS = Field("args", ListOf(TemplateText(without_nul=True)), "the service's arguments")
AS = Field("as", Text("a name", label_fault, LABEL), "a name, by which what follows knows it")
EXPECT = Field(
    "expect", Expectations(), "what must be seen of it for the step to be done, default exit: 0"
)
_ONE = {
    "oneOf": [{"required": [COMMAND.name]}, {"required": [SERVICE.name]}],
    "dependentRequired": {ARGS.name: [SERVICE.name]},
}
SHAPE = Record("run", ON, COMMAND, SERVICE, ARGS, AS, EXPECT, also=_ONE)


def decode(value: Located, scope: Scope) -> Run:
    """The action. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    if (COMMAND in read) == (SERVICE in read) or (COMMAND in read and ARGS in read):
        what = "run needs either command, or service with args"
        scope.problems.add(
            value.span, what, "write run: {on: client, command: [program, argument]}"
        )
        raise Unreadable
    expected, named = read.get(EXPECT, ()), _named(read, scope)
    if named is None and not any(expectation.kind == "exit" for expectation in expected):
        expected = (*expected, ExitExpectation(read.key(ON).span))
    if COMMAND in read:
        words = read[COMMAND]
        return Run(read[ON], words, expected, words[0].text, named=named)
    service = getattr(read.located(SERVICE), "text", "")
    return Run(read[ON], read.get(ARGS, ()), expected, service, read[SERVICE], named)


def _named(read: Read, scope: Scope) -> Named | None:
    if AS not in read:
        return None
    span = read.located(AS).span
    if len(read[ON]) > 1:
        what = f"{quote(read[AS])} can be the name of one program, and this runs {len(read[ON])}"
        raise refused(scope, span, what, "run it on one node, or leave as out")
    return Named(read[AS], read[ON][0], span, read.get(EXPECT, ()))
