"""Whose things on an engine are: standing for a person, of a run under way, or left behind.

Law: found by the labels on the engine and by nothing else, so it does not matter who made them
from where, or what became of that process.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from lab.cli.selection import did_you_mean, scenario_name
from lab.errors import UsageError
from lab.ports import Engine, Leftover

LASTING = "lab.lasting"  # on things that stay when the lab goes away
_ORDER = {"container": 0, "network": 1, "volume": 2, "image": 3}


class Whose(Enum):
    """What a run's things on an engine are there for."""

    STANDING = "standing"  # made to stay: `lab up`, `lab run --keep`
    RUNNING = "running"  # a lab is at work with them
    LEFT = "left behind"


@dataclass(frozen=True)
class Ground:
    """All things of one run, containers first: they can be removed in this order."""

    run: str
    scenario: str
    whose: Whose
    things: tuple[Leftover, ...]

    @property
    def nodes(self) -> dict[str, Leftover]:
        """Its machines by node name."""
        named = {thing.labels.get("lab.node", ""): thing for thing in self.things}
        return {name: thing for name, thing in named.items() if name}


def grounds(engine: Engine) -> tuple[Ground, ...]:
    """Every run that has something on the engine, the names in order. Raises EngineError."""
    found: dict[str, list[Leftover]] = {}
    for thing in engine.find({"lab.run": ""}):
        found.setdefault(thing.labels.get("lab.run", ""), []).append(thing)
    made = [_ground(run, things) for run, things in found.items()]
    return tuple(sorted(made, key=lambda ground: (ground.scenario, ground.run)))


def _ground(run: str, things: Sequence[Leftover]) -> Ground:
    scenario = next((name for thing in things if (name := thing.labels.get("lab.scenario"))), "")
    ordered = sorted(things, key=lambda thing: (_ORDER.get(thing.what, 9), thing.name))
    return Ground(run, scenario, whose(things), tuple(ordered))


def whose(
    things: Iterable[Leftover],
    *,
    host: str | None = None,
    now: float | None = None,
    alive: Callable[[int], bool] | None = None,
) -> Whose:
    """What they are there for. Things of another host's process count until they expire."""
    all_things = tuple(things)
    if any(thing.labels.get(LASTING) for thing in all_things):
        return Whose.STANDING
    here = socket.gethostname() if host is None else host
    moment = time.time() if now is None else now
    lives = is_alive if alive is None else alive
    used = any(_is_used(thing, here, moment, lives) for thing in all_things)
    return Whose.RUNNING if used else Whose.LEFT


def _is_used(thing: Leftover, host: str, now: float, alive: Callable[[int], bool]) -> bool:
    owner, _, pid = thing.labels.get("lab.owner", "").rpartition(":")
    expires = thing.labels.get("lab.expires", "")
    if not expires.isdigit() or int(expires) < now:
        return False
    if owner.rpartition("@")[2] != host:
        return True
    return pid.isdigit() and alive(int(pid))


def is_alive(pid: int) -> bool:
    """Whether a process of this machine has that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def standing(engine: Engine, name: str | None = None) -> tuple[Ground, ...]:
    """What stands; of that scenario, case or run only, where one is named."""
    found = [ground for ground in grounds(engine) if ground.whose is Whose.STANDING]
    if name is None:
        return tuple(found)
    return tuple(
        ground
        for ground in found
        if name in (ground.run, ground.scenario, scenario_name(ground.scenario))
    )


def holding(found: Sequence[Ground], node: str) -> tuple[Ground, ...]:
    """Those that have the node. Raises UsageError where none has."""
    having = tuple(ground for ground in found if node in ground.nodes)
    if having:
        return having
    names = sorted({name for ground in found for name in ground.nodes})
    if not names:
        raise UsageError("no machine is up", help="make a scenario's machines: lab up NAME")
    near = did_you_mean([node], names)
    there = f"there are: {', '.join(names)}"
    raise UsageError(
        f"no machine that is up is called `{node}`",
        help=f"{near} {there}" if "mean" in near else there,
    )
