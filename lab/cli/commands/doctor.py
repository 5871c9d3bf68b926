"""`lab doctor`: what the lab needs, whether it is there, and what to do where it is not.

Law: ends 0 unless something that is needed is bad.
"""

from __future__ import annotations

import sys

import click

from lab.cli.checks import Check, State, all_checks
from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.terminal import terminal
from lab.errors import ExitStatus
from lab.report.columns import padded
from lab.report.escapes import harmless
from lab.report.paint import Paint, Style

STYLES = {State.OK: Style.GOOD, State.WARN: Style.DOUBT, State.BAD: Style.BAD}

EXAMPLES = """\b
Examples:
  lab doctor                    the engine Docker's settings name
  lab doctor --engine modern    the private one (make modern-engine)
"""


@click.command(epilog=EXAMPLES, short_help="check what the lab needs, and what to do")
@engine_options
@click.pass_obj
def command(call: Invocation, *, engine: str | None, start_engine: bool) -> int:
    """Check engine, IPv6, agent, kernel, image and leftovers, and say what to do."""
    paint = terminal(sys.stdout).paint
    bad = False
    for check in all_checks(call, choice(call, engine, start_engine=start_engine)):
        print("\n".join(_lines(check, paint)), flush=True)
        bad = bad or check.state is State.BAD
    return ExitStatus.ERROR if bad else ExitStatus.PASSED


def _lines(check: Check, paint: Paint) -> list[str]:
    word = paint(padded(check.state.value, 4), STYLES[check.state])
    indent = " " * 17
    found = harmless(check.found).replace("\n", f"\n{indent}")
    lines = [f"{word}  {check.name:9}  {found}"]
    if check.todo:
        todo = harmless(check.todo).replace("\n", f"\n{indent}    ")
        lines.append(f"{indent}{paint('->', Style.DOUBT)} {todo}")
    return lines
