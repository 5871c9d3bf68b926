"""`lab list`: the scenarios there are.

Law: reads scenario files, never Docker. A file with mistakes is listed with the first of them,
so one bad file does not hide the others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from lab.cli.invocation import Invocation
from lab.cli.terminal import terminal
from lab.errors import ExitStatus, UsageError
from lab.model import Scenario
from lab.report.columns import table
from lab.report.escapes import harmless

EXAMPLES = """\b
Examples:
  lab list                        names, tags, what each one shows
  lab list --tag udp              those with a tag
  lab list --json | jq -r .case   a line of JSON for each case
"""


@click.command(epilog=EXAMPLES, short_help="the scenarios there are")
@click.option("--tag", "tags", multiple=True, help="Only cases with this tag (or one of several).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per case and line.")
@click.pass_obj
def command(call: Invocation, *, tags: tuple[str, ...], as_json: bool) -> int:
    """List the project's scenarios: name, tags and what each one shows."""
    cases, bad = _read(call)
    kept = [case for case in cases if not tags or set(tags) & set(case.tags)]
    if as_json:
        for case in kept:
            print(json.dumps(_record(case)))
    elif kept:
        print("\n".join(_table(kept)))
    for path, error in bad:
        said = harmless(error.what).split("\n")[0].removeprefix(f"{path}:")
        print(f"lab: mistakes in {path}:{said}\nhelp: lab validate {path}", file=sys.stderr)
    if bad:
        return ExitStatus.BAD_INPUT
    if not kept:
        print("lab: no scenario" + (" has that tag" if tags else " here"), file=sys.stderr)
    return ExitStatus.PASSED if kept else ExitStatus.NOTHING


def _read(call: Invocation) -> tuple[list[Scenario], list[tuple[Path, UsageError]]]:
    cases: list[Scenario] = []
    bad: list[tuple[Path, UsageError]] = []
    load = call.selector().load
    for path in call.project.files:
        try:
            cases += load(path)
        except UsageError as error:
            bad.append((path, error))
    return cases, bad


def _table(cases: list[Scenario]) -> list[str]:
    screen = terminal(sys.stdout)
    rows = [(case.name, ",".join(case.tags), harmless(case.intent)) for case in cases]
    return table(("SCENARIO", "TAGS", "INTENT"), rows, screen.cut, screen.paint)


def _record(case: Scenario) -> dict[str, object]:
    return {
        "scenario": case.name.partition("[")[0],
        "case": case.name,
        "tags": list(case.tags),
        "intent": case.intent,
        "file": str(case.path),
        "nodes": [node.name for node in case.topology.nodes],
    }
