"""Runs another program on a node, beside the node's own, and waits for what is expected of it.

Either a command, or a service of the catalog with its arguments. Unless its `expect` says
otherwise it must exit 0 within the step's time; text under stdout is then all of its output.
On a node of that service, the service is the node's own program once more, whatever has taken
its place (`lab run --use`).

Example:

    steps:
      - start: server
      - run:
          on: client
          command: [getent, hosts, server]
          expect: {stdout: {contains: "${server.ip}"}}
      - run: {on: client, service: stream-client, args: [server]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.expectations.exit import ExitExpectation
from lab.kinds.nodes import Nodes
from lab.kinds.reading import Expectations
from lab.ports import Expectation, Stage
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, Known, ListOf, Record, TemplateText, Unreadable
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

    @property
    def title(self) -> str:
        return f"run {self.program} on {listed(self.nodes)}"

    def apply(self, stage: Stage, within: float) -> None:
        words = [word.render(stage.bindings()) for word in self.words]
        keys = [stage.run(node, [*self._command(stage, node), *words]) for node in self.nodes]
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
EXPECT = Field("expect", Expectations(), "what must be seen of it, default exit: 0")
_ONE = {
    "oneOf": [{"required": [COMMAND.name]}, {"required": [SERVICE.name]}],
    "dependentRequired": {ARGS.name: [SERVICE.name]},
}
SHAPE = Record("run", ON, COMMAND, SERVICE, ARGS, EXPECT, also=_ONE)


def decode(value: Located, scope: Scope) -> Run:
    """The action. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    if (COMMAND in read) == (SERVICE in read) or (COMMAND in read and ARGS in read):
        what = "run needs either command, or service with args"
        scope.problems.add(
            value.span, what, "write run: {on: client, command: [program, argument]}"
        )
        raise Unreadable
    expected = read.get(EXPECT, ())
    if not any(expectation.kind == "exit" for expectation in expected):
        expected = (*expected, ExitExpectation(read.key(ON).span))
    if COMMAND in read:
        words = read[COMMAND]
        return Run(read[ON], words, expected, words[0].text)
    service = getattr(read.located(SERVICE), "text", "")
    return Run(read[ON], read.get(ARGS, ()), expected, service, read[SERVICE])
