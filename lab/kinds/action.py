"""What a step does, without its name and its time."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from msgspec import Struct

from lab.events import Exit, Fact
from lab.model import Impairment, Way
from lab.ports import Expectation, Stage
from lab.source import Span

Wanted = tuple[tuple[str, Expectation], ...]

MOST_LISTED = 12  # names in a sentence


class Effect(Enum):
    """What an action means for whether its nodes' programs run."""

    NONE = "none"
    STARTS = "starts"
    RESTARTS = "restarts"
    ENDS = "ends"
    VISITS = "visits"  # runs another program there: the node needs none of its own
    LINKS = "links"  # changes the machine's links, whether its program runs or not
    LOOKS = "looks"  # at the machine (sockets, processes, addresses), not at its program


_BRIEF = (Effect.NONE, Effect.LINKS, Effect.LOOKS)  # they wait for nothing by themselves


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
    def needs(self) -> frozenset[Fact]:
        return frozenset[Fact]().union(*(each.needs for _, each in self.wanted))

    @property
    def named(self) -> Named | None:
        """The program it runs under a name; none, for most."""
        named: Named | None = getattr(self.action, "named", None)
        return named

    @property
    def impairment(self) -> Impairment | None:
        """What it makes links bad by; none, for most."""
        impairment: Impairment | None = getattr(self.action, "impairment", None)
        return impairment

    @property
    def healed(self) -> tuple[Way, ...] | None:
        """The ways it makes good again, empty for all there are; None: it heals nothing."""
        ways: tuple[Way, ...] | None = getattr(self.action, "healed", None)
        return ways

    @property
    def asks(self) -> bool:
        """Whether anything must be seen for it to be done; of a visit, how it ended at least."""
        visits = self.action.effect is Effect.VISITS and self.named is None
        return bool(self.wanted) or visits

    @property
    def longest(self) -> float:
        """Seconds it can take: its time for the action, and from then on again for the rest."""
        waits = self.action.effect not in _BRIEF or bool(self.action.wanted)
        return self.within * (waits + bool(self.expected))

    def apply(self, stage: Stage) -> None:
        """Do it, then wait for what is expected, from that moment on. Raises StepFailed."""
        self.action.apply(stage, self.within)
        if self.expected:
            stage.wait(self.expected, self.within)


def sight(wanted: Wanted) -> Effect:
    """What it means for nodes that all of this is looked at."""
    return Effect.LOOKS if all(looks(each) for _, each in wanted) else Effect.NONE


def looks(expectation: Expectation) -> bool:
    """Whether it is about the machine, and not about its program alone."""
    return bool(expectation.needs - {Fact.CALLS})


def listed(nodes: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; of very many the first, and how many more."""
    *most, last = nodes
    if len(most) >= MOST_LISTED:
        return f"{', '.join(most[:3])} and {len(most) - 2} more"
    return f"{', '.join(most)} and {last}" if most else last
