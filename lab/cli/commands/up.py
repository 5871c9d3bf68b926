"""`lab up`: a scenario's machines, without its programs, left standing for a person.

Law: what stands is known by its labels on the engine; no file says so.
"""

from __future__ import annotations

import shlex
import sys

import click

from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options, scenario_names, use_option
from lab.cli.selection import case_word
from lab.cli.standing import standing
from lab.cli.terminal import terminal
from lab.cli.views import page_for, plain_view, say
from lab.errors import UsageError
from lab.model import Scenario
from lab.project import FILE_SUFFIXES
from lab.report.topology import topology

EXAMPLES = """\b
Examples:
  lab up udp-ipv6-only     make listener and talker, networked, nothing running
  lab shell listener       in one terminal: type the guide's commands
  lab shell talker         in another
  lab down                 when done
"""


@click.command(epilog=EXAMPLES, short_help="make a scenario's machines and leave them standing")
@click.argument("name", metavar="NAME|FILE", shell_complete=scenario_names)
@use_option
@engine_options
@click.option("-v", "--verbose", is_flag=True, help="Also what is being made.")
@click.pass_obj
def command(
    call: Invocation,
    *,
    name: str,
    use: tuple[tuple[str, str], ...],
    engine: str | None,
    start_engine: bool,
    verbose: bool,
) -> None:
    """Make a scenario's machines and networks, without starting its programs, and leave them."""
    case = _one(call.selector(dict(use)).select([name]), name)
    screen = terminal(sys.stdout)
    chosen = choice(call, engine, start_engine=start_engine, machines=True)
    with call.parts.connect(chosen, say) as connection:
        _refuse_second(standing(connection, case.name), case)
        with plain_view(sys.stderr, page_for(screen), verbose=verbose) as view:
            call.parts.up(case, connection, view)
    print("\n".join([f"{case.name} is up", *topology(case.topology, screen.columns, screen.paint)]))
    first = case.topology.nodes[0].name
    down = f"lab down {shlex.quote(case.name)}"
    print(f"a shell on a machine: lab shell {first}    take them down: {down}")


def _one(cases: tuple[Scenario, ...], word: str) -> Scenario:
    if len(cases) == 1:
        return cases[0]
    names = ", ".join(f"'{_named(case, word)}'" for case in cases)
    raise UsageError(f"`{word}` means {len(cases)} cases", help=f"name one of {names}")


def _named(case: Scenario, word: str) -> str:
    return case_word(word, case) if word.endswith(FILE_SUFFIXES) else case.name


def _refuse_second(found: tuple[object, ...], case: Scenario) -> None:
    if found:
        raise UsageError(
            f"{case.name} is up already",
            help="use its machines (lab shell NODE), or take them down: "
            f"lab down {shlex.quote(case.name)}",
        )
