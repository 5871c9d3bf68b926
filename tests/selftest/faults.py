"""Things that go wrong inside a run, where and when a test says.

Faulty(engine, Fault("create_node", 2, error))     the second call raises, all others work
Deed(do)                                           a step that does something to the world
Doomed(error)                                      an expectation whose judgement raises
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lab.events import Fact, NodeObservation
from lab.model import NodeExpectation, Scenario
from lab.ports import Stage
from lab.source import Span
from lab.verdict import Judgement

HERE = Span(Path("trial.yaml"), 1, 1, 1, 2)


@dataclass(frozen=True)
class Fault:
    """`number` counts the calls of that method from 1; `after`: what was asked for is done."""

    method: str
    number: int
    error: Exception
    after: bool = False

    def __str__(self) -> str:
        when = "after" if self.after else "before"
        return f"{type(self.error).__name__}-{when}-{self.method}-{self.number}"


class Faulty:
    """An engine or an agent that is like another but for one call."""

    def __init__(self, real: object, fault: Fault) -> None:
        self._real = real
        self._fault = fault
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.met = False  # whether it came to that call

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return self._wrapped(found) if name == self._fault.method else found

    def _wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                wrong = next(self._numbers) == self._fault.number
            self.met = self.met or wrong
            if wrong and not self._fault.after:
                raise self._fault.error
            result = call(*arguments, **options)
            if wrong:
                raise self._fault.error
            return result

        return wrapped


@dataclass(frozen=True)
class Deed:
    """A step that does what it is told to."""

    do: Callable[[], None]
    kind: str = "deed"
    span: Span = HERE
    within: float = 1.0
    nodes: tuple[str, ...] = ()
    title: str = "something happens"
    asks: bool = False
    needs: frozenset[Fact] = frozenset()

    def apply(self, stage: Stage) -> None:
        """Do it."""
        self.do()


@dataclass(frozen=True)
class Doomed:
    """An expectation nobody can judge."""

    error: Exception
    kind: str = "doomed"
    span: Span = HERE
    needs: frozenset[Fact] = frozenset()

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        """Raises what it was given."""
        raise self.error


def with_deed(case: Scenario, index: int, do: Callable[[], None]) -> Scenario:
    """The case with one more step, before its step `index`."""
    steps = (*case.steps[:index], Deed(do), *case.steps[index:])
    return replace(case, steps=steps)


def doomed(case: Scenario, error: Exception) -> Scenario:
    """The case with an expectation whose judgement raises."""
    wanted = NodeExpectation(case.topology.nodes[0].name, Doomed(error))
    return replace(case, expectations=(*case.expectations, wanted))
