"""Taking runs' things off an engine.

Law: containers before networks before volumes, those of one sort at the same time; what cannot
be removed does not keep the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lab.errors import EngineError, LabError
from lab.ports import Engine, Leftover

_AT_ONCE = 8


def remove(engine: Engine, things: Iterable[Leftover]) -> int:
    """Remove them, in this order of sorts; how many there were.

    Raises EngineError, naming all that could not be removed, once the rest is gone.
    """
    asked = tuple(things)
    stuck = attempt(engine, asked)
    if stuck:
        raise EngineError(
            "could not remove " + "; ".join(stuck), help="see `lab doctor`, then try again"
        )
    return len(asked)


def attempt(engine: Engine, things: Iterable[Leftover], *, wait: bool = True) -> Sequence[str]:
    """Remove them; what is still there, and why. `wait` for what is just leaving a network."""
    stuck: list[str] = []

    def removed(thing: Leftover) -> str:
        try:
            engine.remove(thing, wait=wait)
        except LabError as error:
            return f"{thing.what} {thing.name}: {error.what}"
        return ""

    with ThreadPoolExecutor(_AT_ONCE, "removal") as pool:
        for _, of_a_sort in itertools.groupby(things, lambda thing: thing.what):
            stuck += filter(None, pool.map(removed, of_a_sort))
    return stuck
