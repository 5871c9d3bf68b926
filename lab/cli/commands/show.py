"""`lab show`: a scenario drawn as text, and its plan.

Law: reads and plans; an engine is only asked what it is, and only for a plan.
"""

from __future__ import annotations

import sys

import click

from lab.cli.invocation import Invocation
from lab.cli.options import choice, scenario_names
from lab.cli.terminal import terminal
from lab.cli.views import say
from lab.errors import EngineError
from lab.ports import Abilities
from lab.report.paint import Style
from lab.report.topology import scenario

TODAY = Abilities("28", (1, 48), ipv6_only=True)

EXAMPLES = """\b
Examples:
  lab show udp-ipv6-only             machines, steps, what is expected
  lab show udp-ipv6-only --plan      also each operation on the engine, and the line asking for it
  lab show udp-ipv6-only --engine modern    the plan for another engine than the one at hand
"""


@click.command(epilog=EXAMPLES, short_help="a scenario's machines, steps and plan, drawn")
@click.argument(
    "what", nargs=-1, required=True, metavar="NAME|FILE...", shell_complete=scenario_names
)
@click.option("--plan", is_flag=True, help="Also the plan, for the engine that answers here.")
@click.option("--engine", metavar="URL", help="Also the plan, for this engine.")
@click.pass_obj
def command(call: Invocation, *, what: tuple[str, ...], plan: bool, engine: str | None) -> None:
    """Draw a scenario: networks, nodes and what runs on them, steps, expectations."""
    screen = terminal(sys.stdout)
    cases = call.selector().select(what)
    planned_for = _abilities(call, engine) if plan or engine else None
    for number, case in enumerate(cases):
        lines = ["" for _ in range(min(number, 1))]
        lines += scenario(case, screen.columns, screen.paint)
        if planned_for is not None:
            title, abilities = planned_for
            planned = call.parts.plan(case, abilities)
            lines += ["", screen.paint(title, Style.QUIET), *(f"  {line}" for line in planned)]
        print("\n".join(lines))


def _abilities(call: Invocation, engine: str | None) -> tuple[str, Abilities]:
    """A title for plans, and what they are for: an engine of today where none answers."""
    try:
        with call.parts.connect(choice(call, engine, start_engine=False), say) as connection:
            abilities = connection.engine.abilities()
            return f"plan for Engine {abilities.version} at {connection.url}", abilities
    except EngineError as error:
        if engine is not None:
            raise
        return f"plan for Engine {TODAY.version}, as none is at hand: {error.what}", TODAY
