"""Moments in the life of a lab process, met as they come.

Law: a moment is an event wherever there is one to wait for: a line of the lab's own progress, or
the engine telling of one of its containers. Only where neither tells anything it is a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from lab.engine.docker_engine import DockerEngine
from tests.selftest.process import LabProcess


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
        with _events(engine, lab.owner) as events:
            for _ in range(self.number):
                next(events)


@dataclass(frozen=True)
class Time:
    """That many seconds after its start."""

    seconds: float

    def await_it(self, lab: LabProcess, engine: DockerEngine) -> None:
        """See Moment."""
        lab.ends_within(self.seconds)


@contextmanager
def _events(engine: DockerEngine, owner: str) -> Iterator[Iterator[dict[str, Any]]]:
    # Everything since the engine began: nothing that came before this was asked is missed.
    stream = engine.clients.mine().events(
        since=0, filters={"type": "container", "label": f"lab.owner={owner}"}, decode=True
    )
    try:
        yield stream
    finally:
        stream.close()
