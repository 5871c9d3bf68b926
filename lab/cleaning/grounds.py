"""Whose things on an engine are: standing for a person, of a run under way, or left behind.

Law: found by the labels on the engine and by nothing else, so it does not matter who made them
from where, or what became of that process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from lab.owner import EXPIRES, OWNER, PROCESS, Life, Surroundings, here, life
from lab.ports import Engine, Leftover

RUN, SCENARIO, NODE = "lab.run", "lab.scenario", "lab.node"
LASTING = "lab.lasting"  # on things that stay when the lab goes away: for whom
_ORDER = {"container": 0, "network": 1, "volume": 2, "image": 3}


class Whose(Enum):
    """What a run's things on an engine are there for."""

    STANDING = "standing"  # made to stay: `lab up`, `lab run --keep`
    RUNNING = "running"  # a lab is at work with them
    LEFT = "left behind"


class Ground(Struct, frozen=True):
    """All things of one run, containers first: they can be removed in this order."""

    run: str
    scenario: str
    whose: Whose
    things: tuple[Leftover, ...]

    @property
    def nodes(self) -> dict[str, Leftover]:
        """Its machines by node name."""
        named = {thing.labels.get(NODE, ""): thing for thing in self.things}
        return {name: thing for name, thing in named.items() if name}

    @property
    def keeper(self) -> str:
        """For whom it stands."""
        return next((whom for thing in self.things if (whom := thing.labels.get(LASTING))), "")

    @property
    def owner(self) -> str:
        """Who made it: user@host:pid."""
        return self.things[0].labels.get(OWNER, "")


def grounds(
    engine: Engine, *, seen: Surroundings | None = None, now: float | None = None
) -> tuple[Ground, ...]:
    """Every run that has something on the engine, the names in order. Raises EngineError."""
    things = engine.find({OWNER: ""})
    used = _used(things, seen or here(), time.time() if now is None else now)
    made = [_ground(of_run, used) for of_run in _grouped(things, _run).values()]
    return tuple(sorted(made, key=lambda ground: (ground.scenario, ground.run)))


def in_order(found: Iterable[Ground]) -> tuple[Leftover, ...]:
    """All their things, in an order to remove them."""
    return tuple(sorted((thing for ground in found for thing in ground.things), key=_order))


def whose(things: Iterable[Leftover]) -> Whose:
    """What all of one owner's things are there for."""
    found = tuple(things)
    return _whose(found, _used(found, here(), time.time()))


def _ground(things: Sequence[Leftover], used: frozenset[Hashable]) -> Ground:
    scenario = next((name for thing in things if (name := thing.labels.get(SCENARIO))), "")
    ordered = sorted(things, key=_order)
    return Ground(_run(things[0]), scenario, _whose(things, used), tuple(ordered))


def _whose(things: Iterable[Leftover], used: frozenset[Hashable]) -> Whose:
    found = tuple(things)
    if any(thing.labels.get(LASTING) for thing in found):
        return Whose.STANDING
    return Whose.RUNNING if any(_owner(thing) in used for thing in found) else Whose.LEFT


def _used(things: Iterable[Leftover], seen: Surroundings, now: float) -> frozenset[Hashable]:
    """The owners that may be at work.

    One that cannot be seen from here is, as long as any of its things is needed: each that it
    makes says for how long, so a long suite's word is ever renewed; and a container that runs
    has an owner, since it ends with the stream that this holds.
    """
    owners = _grouped(things, _owner)
    return frozenset(o for o, theirs in owners.items() if _at_work(theirs, seen, now))


def _at_work(things: Sequence[Leftover], seen: Surroundings, now: float) -> bool:
    said = life(things[0].labels, seen)
    if said is Life.UNSEEN:
        return any(_needed(thing.labels, now) or _held(thing) for thing in things)
    return said is Life.RUNS


def _needed(labels: Mapping[str, str], now: float) -> bool:
    until = labels.get(EXPIRES, "")
    return until.isdecimal() and int(until) >= now


def _held(thing: Leftover) -> bool:
    return thing.running and not thing.labels.get(LASTING)


def _order(thing: Leftover) -> tuple[int, str]:
    return _ORDER.get(thing.what, 9), thing.name


def _owner(thing: Leftover) -> Hashable:
    return thing.labels.get(OWNER), thing.labels.get(PROCESS)


def _run(thing: Leftover) -> str:
    return thing.labels.get(RUN) or thing.labels.get(OWNER, "")


def _grouped(
    things: Iterable[Leftover], key: Callable[[Leftover], Hashable]
) -> dict[Hashable, list[Leftover]]:
    found: dict[Hashable, list[Leftover]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return found
