"""`lab shell NODE`: a shell, or another program, on a machine that stands.

Law: ends with the program's own status; picks no machine that could be another's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from lab.cleaning.grounds import Ground
from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.standing import holding, standing
from lab.cli.views import say
from lab.errors import UsageError

# Its prompt is the machine's name alone, whatever the image has set up.
SHELL = (
    "sh",
    "-c",
    'read -r name </proc/sys/kernel/hostname; export PS1="$name\\$ "; '
    "command -v bash >/dev/null && exec bash --norc; exec sh",
)

EXAMPLES = """\b
Examples:
  lab shell talker                              a shell
  lab shell talker -- getent ahosts listener    one command
  lab shell server --of stream-hello            where several scenarios are up
"""


@click.command(
    epilog=EXAMPLES,
    short_help="a shell on a standing machine",
    context_settings={"ignore_unknown_options": False},
)
@click.argument("node")
@click.argument("argv", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.option("--of", "of", metavar="SCENARIO", help="The scenario (or run) the machine is of.")
@engine_options
@click.pass_obj
def command(
    call: Invocation,
    *,
    node: str,
    argv: tuple[str, ...],
    of: str | None,
    engine: str | None,
    start_engine: bool,
) -> int:
    """Open a shell on a machine that `lab up` or `lab run --keep` left standing."""
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        ground = pick(holding(standing(connection, of), node), node)
        name = ground.nodes[node].name
        return call.parts.interact(connection, name, argv or SHELL)


def pick(found: Sequence[Ground], node: str) -> Ground:
    """The one meant; a person is asked where several could be. Raises UsageError."""
    if len(found) == 1:
        return found[0]
    said = [f"{ground.scenario} (run {ground.run})" for ground in found]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"{len(found)} machines are called `{node}`: {', '.join(said)}",
            help="say which: --of SCENARIO, or --of RUN",
        )
    for number, text in enumerate(said, 1):
        say(f"  {number}. {text}")
    number = click.prompt(f"which {node}?", type=click.IntRange(1, len(found)), default=1, err=True)
    return found[int(number) - 1]
