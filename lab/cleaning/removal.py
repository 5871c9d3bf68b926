"""Taking runs' things off an engine.

Law: containers before networks before volumes, those of one sort at the same time, and none while
another is being started, as engines miscount then (lab/engine/turns.py); what cannot be removed
does not keep the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from lab.errors import EngineError, LabError
from lab.ports import Engine, Leftover

_AT_ONCE = 8


def remove(engine: Engine, things: Iterable[Leftover]) -> int:
    """Remove them, in this order of sorts; how many there were.

    Raises EngineError, naming all that could not be removed, once the rest is gone.
    """
    asked = tuple(things)
    if stuck := attempt(engine, asked):
        raise _stuck(stuck)
    return len(asked)


def _stuck(stuck: Sequence[LabError]) -> EngineError:
    many = len(stuck) > 1
    head = f"{len(stuck)} things could not be removed:" if many else "something is left:"
    advice = {error.help: None for error in stuck if error.help}  # each once
    return EngineError(
        "\n     ".join([head, *(error.what for error in stuck)]),
        help="\n".join(advice) or "see `lab doctor`, then try again",
    )


def attempt(engine: Engine, things: Iterable[Leftover], *, wait: bool = True) -> Sequence[LabError]:
    """Remove them; why each that is still there is. `wait` for what is just leaving a network."""
    asked, stuck = tuple(things), list[LabError]()

    def settled(thing: Leftover) -> None:
        with suppress(LabError):  # then its removal says what is wrong
            engine.settle(thing)

    def removed(thing: Leftover) -> LabError | None:
        try:
            engine.remove(thing, wait=wait)
        except LabError as error:
            return error
        return None

    with ThreadPoolExecutor(_AT_ONCE, "removal") as pool:
        list(pool.map(settled, filter(_may_be_starting, asked)))
        for _, of_a_sort in itertools.groupby(asked, lambda thing: thing.what):
            stuck += filter(None, pool.map(removed, of_a_sort))
    return stuck


def _may_be_starting(thing: Leftover) -> bool:
    return thing.what == "container" and not thing.running
