"""What stands on an engine for a person: found by scenario, by run and by machine.

Law: asks the labels on the engine, and says what there is where nothing fits.
"""

from __future__ import annotations

from collections.abc import Sequence

from lab.cleaning.grounds import Ground, Whose, grounds
from lab.cli.parts import Connection
from lab.cli.selection import did_you_mean, scenario_name
from lab.errors import UsageError


def standing(connection: Connection, name: str | None = None) -> tuple[Ground, ...]:
    """What stands for this user and project; of that scenario or case only, where one is named.

    Who names a run means it, whoever it stands for.
    """
    every = (g for g in grounds(connection.engine) if g.whose is Whose.STANDING)
    found = [g for g in every if connection.keeper == g.keeper or name == g.run]
    if name is None:
        return tuple(found)
    return tuple(g for g in found if name in (g.run, g.scenario, scenario_name(g.scenario)))


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
