"""What a step does, without its name and its time."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from msgspec import Struct

from lab.events import Exit
from lab.ports import Expectation, Stage
from lab.source import Span

Wanted = tuple[tuple[str, Expectation], ...]


class Effect(Enum):
    """What an action means for whether its nodes' programs run."""

    NONE = "none"
    STARTS = "starts"
    RESTARTS = "restarts"
    ENDS = "ends"
    VISITS = "visits"  # runs another program there: the node needs none of its own
    LOOKS = "looks"  # at the machine (sockets, processes, addresses), not at its program


class Named(Struct, frozen=True):
    """A program that a step runs on a node, under a name of its own.

    `expectations` are those of the very step that runs it.
    """

    name: str
    node: str
    span: Span
    expectations: tuple[Expectation, ...]


class Action(Protocol):
    """One thing that is done; a frozen value made by its kind's decode()."""

    @property
    def kind(self) -> str:
        """The word in the scenario file."""
        ...

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes it concerns."""
        ...

    @property
    def title(self) -> str:
        """One line for people: `start listener`."""
        ...

    @property
    def effect(self) -> Effect:
        """What it means for its nodes' programs."""
        ...

    @property
    def endings(self) -> tuple[Exit, ...]:
        """How a program may end by it (Effect.ENDS)."""
        ...

    @property
    def wanted(self) -> Wanted:
        """What it waits for of its nodes."""
        ...

    def apply(self, stage: Stage, within: float) -> None:
        """Do it within so many seconds. Raises StepFailed."""
        ...


class Step(Struct, frozen=True):
    """An action with its place, its time, and what must be seen once it is done.

    `timed`: the file says how long it may take.
    """

    action: Action
    span: Span
    within: float
    name: str = ""
    expected: Wanted = ()
    timed: bool = False

    @property
    def kind(self) -> str:
        return self.action.kind

    @property
    def nodes(self) -> tuple[str, ...]:
        return self.action.nodes

    @property
    def title(self) -> str:
        return self.name or self.action.title

    @property
    def wanted(self) -> Wanted:
        """All that it waits for."""
        return (*self.action.wanted, *self.expected)

    @property
    def named(self) -> Named | None:
        """The program it runs under a name; none, for most."""
        named: Named | None = getattr(self.action, "named", None)
        return named

    @property
    def asks(self) -> bool:
        """Whether anything must be seen for it to be done; of a visit, how it ended at least."""
        visits = self.action.effect is Effect.VISITS and self.named is None
        return bool(self.wanted) or visits

    @property
    def longest(self) -> float:
        """Seconds it can take: its time for the action, and from then on again for the rest."""
        waits = self.action.effect not in (Effect.NONE, Effect.LOOKS) or bool(self.action.wanted)
        return self.within * (waits + bool(self.expected))

    def apply(self, stage: Stage) -> None:
        """Do it, then wait for what is expected, from that moment on. Raises StepFailed."""
        self.action.apply(stage, self.within)
        if self.expected:
            stage.wait(self.expected, self.within)


def sight(wanted: Wanted) -> Effect:
    """What it means for nodes that all of this is looked at."""
    return Effect.LOOKS if all(each.needs for _, each in wanted) else Effect.NONE


def listed(nodes: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = nodes
    return f"{', '.join(most)} and {last}" if most else last
