"""Removes everything of a lab that was killed, also what its engine is still making for it.

Law: takes only what carries all the marks of that one process, and nothing of runs that are to
stay; waits for the engine's events, never for time, and not for long. Nothing is left once a look
finds nothing, and not before: engines list a node that they cannot remove yet, being made (20.10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from lab.cleaning.grounds import RUN
from lab.cleaning.journal import Record
from lab.cleaning.removal import attempt
from lab.errors import EngineError
from lab.ports import Engine, Leftover

PATIENCE = 10.0  # seconds for an engine to make what it was asked for and may never have heard


class Telling(Engine, Protocol):
    """An engine that tells of what it makes."""

    def creations(self, seconds: float) -> Iterator[object]:
        """One item for each thing made since this call, and a last one once it has waited."""
        ...


def hunt(engine: Telling, marks: Mapping[str, str], record: Record) -> bool:
    """Remove it all; whether nothing is left and nothing more is to come. Raises EngineError."""
    awaited = set(record.awaited)

    def found() -> Sequence[Leftover]:
        there = engine.find(marks)
        things = [thing for thing in there if thing.labels.get(RUN) not in record.spared]
        awaited.difference_update(thing.name for thing in things)
        return things

    def done() -> bool:
        try:
            attempt(engine, found())
            return not found() and not awaited
        except EngineError:  # it is asked again, as long as it tells anything
            return False

    creations = engine.creations(PATIENCE)  # from here on none is missed
    try:
        return done() or any(done() for _ in creations)
    except EngineError:  # it tells nothing more
        return done()
