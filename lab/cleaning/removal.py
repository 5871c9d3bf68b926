"""Taking runs' things off an engine.

Law: containers before networks before volumes, those of one sort at the same time; what cannot
be removed does not keep the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from lab.errors import EngineError, LabError
from lab.ports import Engine, Leftover

_AT_ONCE = 8


def remove(engine: Engine, things: Iterable[Leftover]) -> int:
    """Remove them, in this order of sorts; how many there were.

    Raises EngineError, naming all that could not be removed, once the rest is gone.
    """
    stuck: list[str] = []
    count = 0
    with ThreadPoolExecutor(_AT_ONCE, "removal") as pool:
        for _, of_a_sort in itertools.groupby(things, lambda thing: thing.what):
            said = list(pool.map(lambda thing: _removed(engine, thing), of_a_sort))
            count += len(said)
            stuck += filter(None, said)
    if stuck:
        raise EngineError(
            "could not remove " + "; ".join(stuck), help="see `lab doctor`, then try again"
        )
    return count


def _removed(engine: Engine, thing: Leftover) -> str:
    """Empty, or why it is still there."""
    try:
        engine.remove(thing)
    except LabError as error:
        return f"{thing.what} {thing.name}: {error.what}"
    return ""
