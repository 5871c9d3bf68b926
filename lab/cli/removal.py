"""Taking runs' things off an engine.

Law: containers before networks before volumes; what cannot be removed does not keep the rest.
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.errors import EngineError, LabError
from lab.ports import Engine, Leftover


def remove(engine: Engine, things: Iterable[Leftover]) -> int:
    """Remove them in this order; how many there were.

    Raises EngineError, naming all that could not be removed, once the rest is gone.
    """
    stuck: list[str] = []
    count = 0
    for thing in things:
        count += 1
        try:
            engine.remove(thing)
        except LabError as error:
            stuck.append(f"{thing.what} {thing.name}: {error.what}")
    if stuck:
        raise EngineError(
            "could not remove " + "; ".join(stuck), help="see `lab doctor`, then try again"
        )
    return count
