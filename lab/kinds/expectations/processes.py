"""How many processes the node has, and how many of them are zombies.

The lab's own process, pid 1 of every node, does not count. A number, or a mapping of at-least
and at-most.

Example:

    expect:
      server:
        processes: {zombies: 0, count: 1}
      chat:
        processes: {count: {at-least: 2}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from lab.events import Fact, NodeObservation, ProcessEntry
from lab.kinds.amount import Amount
from lab.kinds.amounts import AMOUNT
from lab.kinds.standing import lost
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, Record, Unreadable
from lab.verdict import Judgement, failed, passed, unknown

HOLDER = 1  # its pid in every node
ZOMBIE = "Z"


class ProcessesExpectation(Struct, frozen=True):
    """None: nothing was said of it."""

    span: Span
    zombies: Amount | None
    count: Amount | None

    @property
    def kind(self) -> str:
        return "processes"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset({Fact.PROCESSES})

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        if error := lost(seen):
            return error
        if seen.processes is None:
            return unknown("the lab cannot tell: the list of processes could not be read")
        own = [entry for entry in seen.processes if entry.pid != HOLDER]
        zombies = [entry for entry in own if entry.state == ZOMBIE]
        for noun, asked, found in (
            ("zombies", self.zombies, zombies),
            ("processes", self.count, own),
        ):
            if asked is not None and len(found) not in asked:
                word = noun.removesuffix("es" if noun == "processes" else "s")
                counted = f"{len(found)} {word if len(found) == 1 else noun}"
                reason = f"it has {counted}, not {asked}{_listed(found)}"
                return failed(reason, advice=_advice(noun, found, asked))
        return passed()


def _listed(found: Sequence[ProcessEntry]) -> str:
    shown = [f"{entry.command} (pid {entry.pid}, {entry.state})" for entry in found[:8]]
    more = [f"{len(found) - 8} more"] if len(found) > 8 else []
    return f": {', '.join([*shown, *more])}" if shown else ""


def _advice(noun: str, found: Sequence[ProcessEntry], asked: Amount) -> str:
    if noun == "zombies" and len(found) > asked.high:
        return (
            "a parent must wait for each child that ends: waitpid in a SIGCHLD handler, in a loop"
        )
    return ""


ZOMBIES = Field("zombies", AMOUNT, "how many have ended without being waited for")
COUNT = Field("count", AMOUNT, "how many there are, zombies included")
SHAPE = Record("this expectation", ZOMBIES, COUNT, also={"minProperties": 1})


def decode(value: Located, scope: Scope) -> ProcessesExpectation:
    """The expectation. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    if ZOMBIES not in read and COUNT not in read:
        scope.problems.add(
            value.span, "this expectation says nothing", "write zombies: 0 or count: 1"
        )
        raise Unreadable
    return ProcessesExpectation(value.span, read.find(ZOMBIES), read.find(COUNT))
