"""What steps do to the links a node has, one on each of its networks: how they are written.

Law: which links a node has is not known here; the loader checks that they are there.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted, listed
from lab.kinds.nodes import Nodes
from lab.ports import Links, Stage
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import ByForm, Field, Known, Record, Schema


class Linked(Struct, frozen=True):
    """Nodes, and of each the link to a network; `network` empty: all its links."""

    nodes: tuple[str, ...]
    network: str
    span: Span


class Cable(Struct, frozen=True):
    """A step of that `kind` on links: `does` is done to each."""

    effect: ClassVar[Effect] = Effect.LINKS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    kind: str
    linked: Linked

    @property
    def nodes(self) -> tuple[str, ...]:
        return self.linked.nodes

    @property
    def title(self) -> str:
        where = {"disconnect": "from", "connect": "to"}.get(self.kind, "on")
        network = f" {where} {self.linked.network}" if self.linked.network else ""
        return f"{self.kind} {listed(self.nodes)}{network}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        for node in self.nodes:
            self._do(stage.links, node)

    def _do(self, links: Links, node: str) -> None:
        if self.kind == "renumber":
            links.renumber(node, self.linked.network)
        else:
            links.plug(node, self.linked.network, on=self.kind == "connect")


NODE = Field("node", Nodes(), "the node, group or list of nodes", required=True)
NETWORK = Field("network", Known("network"), "the network; unsaid, all of the node's")
_RECORD = Record("a link", NODE, NETWORK)


class _Plain:
    """Nodes alone."""

    def read(self, value: Located, scope: Scope) -> Linked:
        return Linked(Nodes().read(value, scope), "", value.span)

    def schema(self) -> Schema:
        return Nodes().schema()


class _OnNetwork:
    """{node, network}"""

    def read(self, value: Located, scope: Scope) -> Linked:
        read = _RECORD.read(value, scope)
        (network,) = read.get(NETWORK, ("",))
        return Linked(read[NODE], network, value.span)

    def schema(self) -> Schema:
        return _RECORD.schema()


SHAPE = ByForm[Linked](
    "a node",
    "write the node, or {node: client, network: lan}",
    scalar=_Plain(),
    sequence=_Plain(),
    mapping=_OnNetwork(),
)
