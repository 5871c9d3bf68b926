"""What the lab asks of a step and of an expectation, and what a step may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from lab.events import Fact, NodeObservation
from lab.model import Impairment, Way
from lab.source import Span
from lab.verdict import Judgement


@runtime_checkable
class Expectation(Protocol):
    """One thing that must be seen of a node; a frozen value made by its kind's decode()."""

    @property
    def kind(self) -> str:
        """The word in the scenario file."""
        ...

    @property
    def span(self) -> Span:
        """Where it was asked for."""
        ...

    @property
    def needs(self) -> frozenset[Fact]:
        """Facts the agent must look up before it can be judged."""
        ...

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        """What it says of an observation, complete or not yet; never touches anything."""
        ...


class Relation(Protocol):
    """An expectation that reads other nodes too: `peers` names those whose programs it needs."""

    @property
    def peers(self) -> tuple[str, ...]:
        """Nodes to be found in NodeObservation.peers."""
        ...


def peers_of(expectation: Expectation) -> tuple[str, ...]:
    """The other nodes an expectation reads; none, for most."""
    peers: tuple[str, ...] = getattr(expectation, "peers", ())
    return peers


class Links(Protocol):
    """What a step may do to the links nodes have; `network` empty: to all links of the node."""

    def plug(self, node: str, network: str, *, on: bool) -> None:
        """Plug or pull its cable. Returns when both ends know. Raises StepFailed."""
        ...

    def renumber(self, node: str, network: str) -> None:
        """Give it other addresses, free ones of the same subnets. Raises StepFailed."""
        ...

    def impair(self, impairment: Impairment) -> None:
        """Make links bad from now on."""
        ...

    def heal(self, ways: Sequence[Way]) -> None:
        """End all impairments of these ways that concern no others; none said: all there are."""
        ...


class Stage(Protocol):
    """What a step may do to a running scenario. Blocking calls end at the step's deadline."""

    @property
    def links(self) -> Links:
        """What may be done to the nodes' links."""
        ...

    def release(self, nodes: Sequence[str]) -> None:
        """Let held programs begin, all at the same moment, and wait until they have.

        Programs that have ended begin again; what they write goes on in the same record.
        """
        ...

    def send(self, node: str, data: bytes) -> None:
        """Bytes for the program's standard input."""
        ...

    def close_input(self, node: str) -> None:
        """End of the program's standard input."""
        ...

    def signal(self, node: str, number: int) -> None:
        """A signal for the program's main process."""
        ...

    def signal_group(self, node: str, number: int) -> None:
        """A signal for the program and its children."""
        ...

    def kill(self, node: str) -> None:
        """SIGKILL for every process on the node."""
        ...

    def run(self, node: str, argv: Sequence[str], name: str = "") -> str:
        """Begin another program on the node; the key it is observed under: its name, or `node#2`.

        Wherever a node stands for its own program, the key stands for this one.
        """
        ...

    def command(self, node: str, service: str) -> Sequence[str] | None:
        """What a node of that service runs, before its arguments; None for other nodes."""
        ...

    def bindings(self) -> Mapping[str, str]:
        """What `${...}` references stand for."""
        ...

    def wait(self, expectations: Iterable[tuple[str, Expectation]], within: float) -> None:
        """Until all hold of their nodes (or run keys). Raises StepFailed when they cannot.

        `within` is in seconds. Checks come first; then every event is a reason to look again.
        """
        ...

    def wait_ready(self, nodes: Sequence[str], within: float) -> None:
        """Until each node is ready, or its program ended as its exit expectation allows."""
        ...


@runtime_checkable
class Step(Protocol):
    """One thing that is done; a frozen value made by its kind's decode()."""

    @property
    def kind(self) -> str:
        """The word in the scenario file."""
        ...

    @property
    def span(self) -> Span:
        """Where it was asked for."""
        ...

    @property
    def within(self) -> float:
        """Seconds the step may take."""
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
    def asks(self) -> bool:
        """Whether what is seen is held up against an expectation in it."""
        ...

    @property
    def needs(self) -> frozenset[Fact]:
        """Facts that what it waits for needs."""
        ...

    def apply(self, stage: Stage) -> None:
        """Do it. Raises StepFailed."""
        ...


class StepFailed(Exception):  # noqa: N818 - a verdict on the program, not an error of the lab
    """A step did not come to what it had to; carries the judgement that says why."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.reason)
        self.judgement = judgement
