"""What a plan consists of: one class per operation, each printable.

Each names the line that asked for it, and says which operations it comes after.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lab.model import Network, Node
from lab.ports import Step
from lab.source import Span


@dataclass(frozen=True)
class Operation:
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


@dataclass(frozen=True)
class PrepareImage(Operation):
    """Have an image whose nodes can be held; None is the lab's own."""

    word = "prepare-image"
    image: str | None

    @property
    def subject(self) -> str:
        return self.image or "of the lab"


@dataclass(frozen=True)
class CreateNetwork(Operation):
    """Make a network. `shadow`: the engine insists on IPv4 that no node may keep.

    `transit`: a router is on it, so packets of other networks cross it.
    """

    word = "create-network"
    network: Network
    shadow: bool
    transit: bool

    @property
    def subject(self) -> str:
        family = self.network.family.value
        return f"{self.network.name} {family}{' over a shadow of IPv4' if self.shadow else ''}"


@dataclass(frozen=True)
class _NodeOperation(Operation):
    node: Node

    @property
    def subject(self) -> str:
        return self.node.name


@dataclass(frozen=True)
class CreateNode(_NodeOperation):
    """Make a node for its networks, which need not be there yet."""

    word = "create-node"


@dataclass(frozen=True)
class AttachNode(_NodeOperation):
    """Have its streams, before anything can be said on them."""

    word = "attach-node"


@dataclass(frozen=True)
class StartNode(_NodeOperation):
    """Start it held: on its networks, its program not begun."""

    word = "start-node"


@dataclass(frozen=True)
class AdoptNode(_NodeOperation):
    """Let the agent know it, and give it its host name."""

    word = "adopt-node"


@dataclass(frozen=True)
class FlushShadow(_NodeOperation):
    """Take IPv4 away from a held node's links to these networks, whose family forbids it."""

    word = "flush-shadow"
    networks: tuple[str, ...]

    @property
    def subject(self) -> str:
        return f"{self.node.name} on {' '.join(self.networks)}"


@dataclass(frozen=True)
class RouteNode(_NodeOperation):
    """Give a held node its ways over routers; `only`: and no way out of the lab."""

    word = "route-node"
    only: bool


@dataclass(frozen=True)
class RemoveNode(_NodeOperation):
    """Undo its creation, running or not."""

    word = "remove-node"


@dataclass(frozen=True)
class RemoveNetwork(Operation):
    """Undo its creation."""

    word = "remove-network"
    network: Network

    @property
    def subject(self) -> str:
        return self.network.name


@dataclass(frozen=True)
class PerformStep(Operation):
    """Do a step of the scenario."""

    word = "perform"
    step: Step

    @property
    def subject(self) -> str:
        return self.step.title


@dataclass(frozen=True)
class Plan:
    """What a run does: deployment and removal as graphs, the timeline one after another."""

    deployment: tuple[Operation, ...]
    timeline: tuple[PerformStep, ...]
    removal: tuple[Operation, ...]

    def __str__(self) -> str:
        operations = (*self.deployment, *self.timeline, *self.removal)
        return "\n".join(str(operation) for operation in operations)
