"""`lab logs [NODE]`: what programs on standing machines wrote.

Law: bytes go to a pipe as they are, and to a terminal escaped.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import click

from lab.cleaning.grounds import Ground
from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.parts import Connection
from lab.cli.standing import holding, standing
from lab.cli.views import say
from lab.errors import ExitStatus, UsageError
from lab.report.escapes import shown

EXAMPLES = """\b
Examples:
  lab logs              of all machines, each line behind its machine's name
  lab logs listener     of one, bytes as they are
  lab logs -f           also what comes from now on, until Ctrl-C
"""


@click.command(epilog=EXAMPLES, short_help="what programs on standing machines wrote")
@click.argument("node", required=False, metavar="[NODE]")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes from now on.")
@click.option("--of", "of", metavar="SCENARIO", help="The scenario (or run) the machine is of.")
@engine_options
@click.pass_obj
def command(
    call: Invocation,
    *,
    node: str | None,
    follow: bool,
    of: str | None,
    engine: str | None,
    start_engine: bool,
) -> int:
    """Show what programs on machines that stand have written."""
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        found = standing(connection, of)
        machines = _machines(found if node is None else holding(found, node), node)
        try:
            if node is not None and len(machines) == 1:
                _one(call.parts.output(connection, machines[0][1], follow=follow))
            else:
                _all(call, connection, machines, follow=follow)
        except KeyboardInterrupt:
            if not follow:
                raise
    return ExitStatus.PASSED


def _machines(found: tuple[Ground, ...], node: str | None) -> list[tuple[str, str]]:
    """What each is called for people, and on the engine."""
    if not found:
        raise UsageError("no machine is up", help="make a scenario's machines: lab up NAME")
    several = len(found) > 1
    return [
        (f"{ground.scenario}/{name}" if several else name, thing.name)
        for ground in found
        for name, thing in ground.nodes.items()
        if node in (None, name)
    ]


def _one(output: Iterator[bytes]) -> None:
    raw = not sys.stdout.isatty()
    for data in output:
        if raw:
            sys.stdout.buffer.write(data)
        else:
            sys.stdout.write(shown(data))
        sys.stdout.flush()


def _all(
    call: Invocation, connection: Connection, machines: list[tuple[str, str]], *, follow: bool
) -> None:
    if not follow:
        for said, name in machines:
            _prefixed(said, call.parts.output(connection, name, follow=False))
        return
    threads = [
        threading.Thread(
            target=_prefixed,
            args=(said, call.parts.output(connection, name, follow=True)),
            daemon=True,
        )
        for said, name in machines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _prefixed(said: str, output: Iterator[bytes]) -> None:
    """Whole lines, each behind the machine's name."""
    rest = b""
    for data in output:
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            _write(f"{said} | {shown(line)}\n")
    if rest:
        _write(f"{said} | {shown(rest)}\n")


def _write(line: str) -> None:
    """In one piece: other machines' lines are written at the same time."""
    sys.stdout.write(line)
    sys.stdout.flush()
