"""Options about what a run leaves in writing, and how their values are read.

Law: reading a value never looks at anything but the value.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from lab.project import Project
from lab.records.shelf import KEPT, Shelf
from lab.report.formats import FORMATS
from lab.result import Keep

Command = TypeVar("Command", bound=Callable[..., Any])

OFF = "off"
STDOUT = "-"


class Wanted(Struct, frozen=True):
    """One report: its format, and the file it goes to; None is standard output."""

    format: str
    file: Path | None


class Asked(Struct, frozen=True):
    """What is to be left in writing; `runs` None: in the project's own folder."""

    reports: tuple[Wanted, ...] = ()
    runs: str | None = None
    keep: int = KEPT
    packets: Keep = Keep.ASKED

    @property
    def takes_stdout(self) -> bool:
        """Whether a report goes to standard output, so that nothing else may."""
        return any(wanted.file is None for wanted in self.reports)

    def shelf(self, project: Project) -> Shelf | None:
        """Where the run is recorded; None: nowhere."""
        if self.runs == OFF:
            return None
        folder = Path(self.runs) if self.runs else project.short(project.root / ".lab" / "runs")
        return Shelf(folder, self.keep)


def wanted(text: str) -> Wanted:
    """FORMAT=FILE; FORMAT alone goes to standard output. Raises click.BadParameter."""
    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise click.BadParameter(f"there is no format {name!r}; there are {', '.join(FORMATS)}")
    return Wanted(name, None if file in ("", STDOUT) else Path(file))


def runs_option(command: Command) -> Command:
    """--runs."""
    return click.option(
        "--runs",
        envvar="LAB_RUNS",
        metavar="DIR",
        help="Where runs are recorded, in place of .lab/runs; `off`: nowhere. Also LAB_RUNS.",
    )(command)


def _capture_option(command: Command) -> Command:
    return click.option(
        "--capture",
        type=click.Choice([keep.value for keep in Keep]),
        default=Keep.ASKED.value,
        metavar="WHEN",
        help="Whose packets the record keeps, for Wireshark: on, off, failed: of cases that do not "
        "pass; asked: of those that look at packets.",
    )(command)


def report_options(command: Command) -> Command:
    """--report, --capture, --runs and --runs-kept, given to the command as one `asked`."""

    @functools.wraps(command)
    def asking(
        *arguments: Any,
        report: tuple[Wanted, ...],
        capture: str,
        runs: str | None,
        runs_kept: int,
        **others: Any,
    ) -> Any:
        if sum(one.file is None for one in report) > 1:
            raise click.UsageError("only one report can go to standard output")
        return command(*arguments, asked=Asked(report, runs, runs_kept, Keep(capture)), **others)

    decorated: Any = asking
    decorated = click.option(
        "--runs-kept",
        envvar="LAB_RUNS_KEPT",
        type=click.IntRange(min=1),
        default=KEPT,
        metavar="N",
        help=f"How many runs stay recorded ({KEPT}). Also LAB_RUNS_KEPT.",
    )(decorated)
    decorated = runs_option(decorated)
    decorated = _capture_option(decorated)
    decorated = click.option(
        "--report",
        multiple=True,
        type=wanted,
        metavar="FORMAT=FILE",
        help=f"Also as {', '.join(FORMATS)}; as often as you like; - is standard output.",
    )(decorated)
    found: Command = decorated
    return found
