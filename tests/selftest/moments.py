"""Moments in the life of a lab process, met as they come.

Law: a moment is an event wherever there is one to wait for: a line of the lab's own progress, or
the engine telling of one of its containers. Only where neither tells anything it is a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from docker.types.daemon import CancellableStream

from lab.engine.docker_engine import DockerEngine
from tests.selftest.process import LabProcess

TOLD = ("create", "attach", "start", "die", "destroy")  # each once in a container's life


class Moment(Protocol):
    """A moment to do something to a lab."""

    def await_it(self, lab: LabProcess, engine: DockerEngine) -> None:
        """Return when it has come, or the lab has ended."""
        ...


@dataclass(frozen=True)
class Line:
    """When the lab has written that many lines."""

    number: int

    def await_it(self, lab: LabProcess, engine: DockerEngine) -> None:
        """See Moment."""
        for _ in range(self.number):
            if not lab.line():
                return


@dataclass(frozen=True)
class EngineEvent:
    """When the engine has told of that many events of the lab's containers: made, started ..."""

    number: int

    def await_it(self, lab: LabProcess, engine: DockerEngine) -> None:
        """See Moment."""
        with _events(engine, lab.marks) as events, lab.at_end(events.close):
            for _ in islice(events, self.number):
                pass


@dataclass(frozen=True)
class Time:
    """That many seconds after its start."""

    seconds: float

    def await_it(self, lab: LabProcess, engine: DockerEngine) -> None:
        """See Moment."""
        lab.ends_within(self.seconds)


def drawn(seed: int) -> list[Moment]:
    """Ten, from the whole life of a run of two nodes with -v.

    That is 10 engine events and 16 lines: creation and removal, steps and judgement; and some
    times at the start and the end.
    """
    draw = random.Random(seed)
    events = [EngineEvent(draw.randint(low, low + 2)) for low in (1, 3, 5, 8)]
    lines = [Line(draw.randint(low, low + 2)) for low in (0, 3, 6, 9, 12)]
    return [*events, *lines, Time(draw.uniform(0.0, 0.4))]


def spread(seed: str) -> list[Moment]:
    """Five over the whole life of that run: as it begins, twice as its machines are made, while
    they are at work, and as they are removed.
    """
    draw = random.Random(seed)
    made, at_work, removed = range(1, 7), range(3, 13), range(7, 11)
    told: list[Moment] = [EngineEvent(draw.choice(removed)), Line(draw.randint(13, 16))]
    return [
        Time(draw.uniform(0.0, 0.6)),
        EngineEvent(draw.choice(made)),
        EngineEvent(draw.choice(made)),
        Line(draw.choice(at_work)),
        draw.choice(told),
    ]


@contextmanager
def _events(engine: DockerEngine, marks: Mapping[str, str]) -> Iterator[CancellableStream[Any]]:
    # Everything since the engine began: nothing that came before this was asked is missed. Whether
    # a container is also killed before it is removed depends on how far its program is: not asked.
    labels = [f"{key}={value}" for key, value in marks.items()]
    told = {"type": "container", "label": labels, "event": list(TOLD)}
    stream = engine.clients.mine().events(since=0, filters=told, decode=True)
    try:
        yield stream
    finally:
        stream.close()
