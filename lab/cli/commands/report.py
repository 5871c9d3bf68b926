"""`lab report`: earlier runs rendered from their records.

Law: touches no engine, runs nothing; the status says whether it could be rendered, not what the
runs came to.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from lab.cli.asked import STDOUT, Asked, Wanted, runs_option
from lab.cli.invocation import Invocation
from lab.cli.publishing import prepare, publish
from lab.cli.servers import server
from lab.cli.terminal import Terminal, terminal
from lab.cli.views import page_for, say
from lab.errors import NothingSelectedError, UsageError
from lab.records.reading import head, read, together
from lab.records.shelf import Shelf
from lab.report.columns import table
from lab.report.formats import FORMATS
from lab.report.words import counted, duration

EXAMPLES = """\b
Examples:
  lab report                                 the last run, as it was printed
  lab report --list                          the runs there are
  lab report --format junit -o lab.xml       the last run for a CI server
  lab report 20261121-084011-123-3f9c        one of them; its beginning is enough
  lab report .lab/runs/*/my-case             what all recorded runs of a case came to

\b
Formats:
""" + "".join(f"  {name:10}{what}\n" for name, what in FORMATS.items())


@click.command(epilog=EXAMPLES, short_help="what earlier runs came to, in any format")
@click.argument("runs_named", nargs=-1, metavar="[RUN|DIR]...")
@click.option("--format", "name", type=click.Choice(list(FORMATS)), default="text",
              metavar="FORMAT", help=f"{', '.join(FORMATS)} (text).")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", default=STDOUT, help="Into a file (-: stdout).")
@click.option("--list", "as_list", is_flag=True, help="Only say which runs there are.")
@runs_option
@click.pass_obj
def command(
    call: Invocation,
    *,
    runs_named: tuple[str, ...],
    name: str,
    output: str,
    as_list: bool,
    runs: str | None,
) -> None:
    """Render what earlier runs left in writing; without a name, the last one.

    A run is named as `lab report --list` shows it, or by its directory; a case by its directory.
    """
    shelf = Asked(runs=runs).shelf(call.project)
    if shelf is None:
        raise UsageError("no runs are recorded: they are turned off", help="name a folder: --runs")
    if as_list:
        print("\n".join(_list(shelf)))
        return
    found = [read(path, call.project.root) for path in _directories(shelf, runs_named)]
    wanted = Wanted(name, None if output == STDOUT else Path(output))
    prepare(wanted)
    plain, where = name in ("text", "story") and wanted.file is None, server(os.environ)
    page = page_for(terminal(sys.stdout) if plain else Terminal(), call.project.files)
    page = replace(page, workspace=where.workspace)
    with where.silenced(sys.stdout, plain):
        publish([wanted], together(found), page, say)


def _directories(shelf: Shelf, named: Sequence[str]) -> list[Path]:
    names = shelf.names()
    if not named and not names:
        raise NothingSelectedError(f"no run is recorded in {shelf.folder}", help="lab run all")
    return [_directory(shelf, names, word) for word in named] or [shelf.folder / names[-1]]


def _directory(shelf: Shelf, names: Sequence[str], word: str) -> Path:
    if Path(word).is_dir():
        return Path(word)
    meant = [name for name in names if name.startswith(word)]
    if len(meant) != 1:
        what = "several runs begin with" if meant else "no run is called"
        raise UsageError(f"{what} `{word}`", help="see which there are: lab report --list")
    return shelf.folder / meant[0]


def _list(shelf: Shelf) -> Iterator[str]:
    names = shelf.names()
    if not names:
        raise NothingSelectedError(f"no run is recorded in {shelf.folder}", help="lab run all")
    screen = terminal(sys.stdout)
    rows = [_row(shelf.folder / name) for name in names]
    return iter(table(("RUN", "WHEN", "TOOK", "CASES"), rows, screen.cut, screen.paint))


def _row(run: Path) -> tuple[str, str, str, str]:
    try:
        found = head(run)
    except UsageError:
        return run.name, "", "", "no record"
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.began))
    if found.seconds is None:
        return run.name, when, "", "cut short"
    counts = ", ".join(f"{number} {name}" for name, number in found.verdicts.items())
    cut = " (interrupted)" if found.interrupted else ""
    total = counted(sum(found.verdicts.values()), "case")
    return run.name, when, duration(found.seconds), f"{total}: {counts}{cut}"
