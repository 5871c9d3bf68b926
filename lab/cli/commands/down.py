"""`lab down [NAME]`: takes standing machines down.

Law: touches nothing of a run under way.
"""

from __future__ import annotations

import click

from lab.cleaning.removal import remove
from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.selection import did_you_mean, scenario_name
from lab.cli.standing import standing
from lab.cli.views import say
from lab.errors import UsageError
from lab.report.words import counted

EXAMPLES = """\b
Examples:
  lab down                  everything that `lab up` and `lab run --keep` left standing
  lab down udp-ipv6-only    of one scenario
"""


@click.command(epilog=EXAMPLES, short_help="take standing machines down")
@click.argument("name", required=False, metavar="[NAME]")
@engine_options
@click.pass_obj
def command(call: Invocation, *, name: str | None, engine: str | None, start_engine: bool) -> None:
    """Remove the machines and networks that were left standing."""
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        found = standing(connection, name)
        if name is not None and not found:
            names = {scenario_name(ground.scenario) for ground in standing(connection)}
            near = did_you_mean([name], names)
            raise UsageError(
                f"nothing of `{name}` is up",
                help=near if "mean" in near else f"up are: {', '.join(sorted(names)) or 'none'}",
            )
        for ground in found:
            number = remove(connection.engine, ground.things)
            print(f"{ground.scenario} is down ({counted(number, 'thing')} removed)")
        if not found:
            print("nothing is up")
