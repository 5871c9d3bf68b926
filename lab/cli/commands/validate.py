"""`lab validate`: every mistake in scenario files, without Docker.

Law: all files are read to the end; the status is 4 if any has a mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lab.cli.invocation import Invocation
from lab.cli.options import scenario_names
from lab.cli.selection import ALL, did_you_mean, load_all
from lab.errors import NothingSelectedError, UsageError
from lab.project import FILE_SUFFIXES
from lab.report.words import counted

EXAMPLES = """\b
Examples:
  lab validate                  every scenario of the project, as does: lab validate all
  lab validate my.yaml          one file
  lab validate udp-ipv6-only    one by its name
"""


@click.command(epilog=EXAMPLES, short_help="check scenario files, without Docker")
@click.argument("files", nargs=-1, metavar="[NAME|FILE]...", shell_complete=scenario_names)
@click.pass_obj
def command(call: Invocation, *, files: tuple[str, ...]) -> None:
    """Find every mistake in scenario files: where it is, what it is, what to write."""
    named = (path for word in files or (ALL,) for path in _paths(call, word))
    paths = list(dict.fromkeys(named))
    if not paths:
        raise NothingSelectedError("there is no scenario here")
    cases = load_all(paths, call.selector().load)
    print(f"{counted(len(paths), 'file')}, {counted(len(cases), 'case')}: no mistakes")


def _paths(call: Invocation, word: str) -> Sequence[Path]:
    return call.project.files if word == ALL else [_path(call, word)]


def _path(call: Invocation, word: str) -> Path:
    if word.endswith(FILE_SUFFIXES):
        call.selector().refuse_missing(Path(word))
        return Path(word)
    names = {path.stem: path for path in call.project.files}
    if word not in names:
        raise UsageError(f"no scenario is called `{word}`", help=did_you_mean([word], names))
    return names[word]
