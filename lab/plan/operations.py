"""What a plan consists of: one class per operation, each printable.

Each names the line that asked for it, and says which operations it comes after.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from lab.model import Network, Node, Share
from lab.ports import Crossing, Step
from lab.source import Span


class Operation(Struct, frozen=True):
    """Something the executor does; `after` are the numbers of those that come before it."""

    word: ClassVar[str] = ""
    number: int
    after: tuple[int, ...]
    span: Span

    @property
    def subject(self) -> str:
        """What it is done to."""
        return ""

    def __str__(self) -> str:
        order = f" -> {' '.join(f'#{number}' for number in self.after)}" if self.after else ""
        words = " ".join(filter(None, (self.word, self.subject)))
        return f"[{self.number}]{order} {words} ({_place(self.span)})"


def _place(span: Span) -> str:
    return f"{_shortest(span.path)}:{span.line}:{span.column}"


def _shortest(path: Path) -> str:
    return path.name if path.is_absolute() else os.fspath(path)


class PrepareImage(Operation, frozen=True):
    """Have an image whose nodes can be held; None is the lab's own."""

    word = "prepare-image"
    image: str | None

    @property
    def subject(self) -> str:
        return self.image or "of the lab"


class _NetworkOperation(Operation, frozen=True):
    network: Network

    @property
    def subject(self) -> str:
        return self.network.name


class CreateNetwork(_NetworkOperation, frozen=True):
    """Make a network. `shadow`: the engine insists on IPv4 that no node may keep.

    `transit`: a router is on it, so packets of other networks cross it.
    """

    word = "create-network"
    shadow: bool
    transit: bool

    @property
    def subject(self) -> str:
        family = self.network.family.value
        return f"{self.network.name} {family}{' over a shadow of IPv4' if self.shadow else ''}"


class IsolateNetwork(_NetworkOperation, frozen=True):
    """Take the engine host's addresses from its bridge, before any program begins."""

    word = "isolate-network"


class _ShareOperation(Operation, frozen=True):
    share: Share

    @property
    def subject(self) -> str:
        return self.share.name


class CreateShare(_ShareOperation, frozen=True):
    """Make a directory that nodes share, before the first of them."""

    word = "create-share"


class _NodeOperation(Operation, frozen=True):
    node: Node

    @property
    def subject(self) -> str:
        return self.node.name


class CreateNode(_NodeOperation, frozen=True):
    """Make a node with its shares, and for its networks, which need not be there yet."""

    word = "create-node"


class AttachNode(_NodeOperation, frozen=True):
    """Have its streams, before anything can be said on them."""

    word = "attach-node"


class StartNode(_NodeOperation, frozen=True):
    """Start it held: on its networks, its program not begun."""

    word = "start-node"


class AdoptNode(_NodeOperation, frozen=True):
    """Let the agent know it, and give it its host name."""

    word = "adopt-node"


class FlushShadow(_NodeOperation, frozen=True):
    """Take IPv4 away from a held node's links to these networks, whose family forbids it."""

    word = "flush-shadow"
    networks: tuple[str, ...]

    @property
    def subject(self) -> str:
        return f"{self.node.name} on {' '.join(self.networks)}"


class RouteNode(_NodeOperation, frozen=True):
    """Give a held node its ways over routers; `only`: and no way out of the lab."""

    word = "route-node"
    only: bool


class TraceNode(_NodeOperation, frozen=True):
    """Have every program of a held node traced from its first system call, once it begins."""

    word = "trace-node"


class CaptureNode(_NodeOperation, frozen=True):
    """Take down what crosses a held node's links, now that they are as its program finds them."""

    word = "capture-node"
    what: Crossing

    @property
    def subject(self) -> str:
        return f"{self.node.name} {self.what.value}"


class ImpairNode(_NodeOperation, frozen=True):
    """Make what a held node sends go bad ways, as the scenario has it from the start."""

    word = "impair-node"


class RemoveNode(_NodeOperation, frozen=True):
    """Undo its creation, running or not."""

    word = "remove-node"


class RemoveNetwork(_NetworkOperation, frozen=True):
    """Undo its creation."""

    word = "remove-network"


class RemoveShare(_ShareOperation, frozen=True):
    """Undo its creation, once no node has it any more."""

    word = "remove-share"


class PerformStep(Operation, frozen=True):
    """Do a step of the scenario."""

    word = "perform"
    step: Step

    @property
    def subject(self) -> str:
        return self.step.title


class Plan(Struct, frozen=True):
    """What a run does: deployment and removal as graphs, the timeline one after another."""

    deployment: tuple[Operation, ...]
    timeline: tuple[PerformStep, ...]
    removal: tuple[Operation, ...]

    def __str__(self) -> str:
        operations = (*self.deployment, *self.timeline, *self.removal)
        return "\n".join(str(operation) for operation in operations)
