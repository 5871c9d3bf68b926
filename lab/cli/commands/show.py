"""`lab show`: a scenario drawn as text, and its plan.

Law: reads and plans, never touches Docker.
"""

from __future__ import annotations

import sys

import click

from lab.cli.invocation import Invocation
from lab.cli.options import scenario_names
from lab.cli.terminal import terminal
from lab.report.paint import Style
from lab.report.topology import scenario

EXAMPLES = """\b
Examples:
  lab show udp-ipv6-only           machines, steps, what is expected
  lab show udp-ipv6-only --plan    also each operation on the engine, and the line asking for it
"""


@click.command(epilog=EXAMPLES, short_help="a scenario's machines, steps and plan, drawn")
@click.argument(
    "what", nargs=-1, required=True, metavar="NAME|FILE...", shell_complete=scenario_names
)
@click.option("--plan", is_flag=True, help="Also the plan, as on an engine of today.")
@click.pass_obj
def command(call: Invocation, *, what: tuple[str, ...], plan: bool) -> None:
    """Draw a scenario: networks, nodes and what runs on them, steps, expectations."""
    screen = terminal(sys.stdout)
    for number, case in enumerate(call.selector().select(what)):
        lines = ["" for _ in range(min(number, 1))]
        lines += scenario(case, screen.columns, screen.paint)
        if plan:
            planned = call.parts.plan(case)
            lines += ["", screen.paint("plan", Style.QUIET), *(f"  {line}" for line in planned)]
        print("\n".join(lines))
