"""The options of `lab run` that are about many runs: which, how many, how long, how disturbed.

Law: reading them looks at nothing but the command line; together they make one frozen record.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click
from msgspec import Struct

from lab.cli.options import gathered
from lab.cli.shard import Shard, shard
from lab.errors import UsageError

AUTO = "auto"


class SuiteOptions(Struct, frozen=True):
    """`jobs` None: as many as the engine has use for. `repeat` None: as often as is usual."""

    jobs: int | None = None
    fail_fast: bool = False
    last_failed: bool = False
    shard: Shard | None = None
    repeat: int | None = None
    until_fail: bool = False
    stress: bool = False
    seed: int | None = None

    @property
    def rounds(self) -> int | None:
        """How many times each case is run; None: until one does not pass."""
        return self.repeat if self.until_fail else self.repeat or 1

    def pick_seed(self) -> int | None:
        """The seed to disturb runs by, a new one where none was named; None: nothing disturbs."""
        if not self.stress:
            return None
        return int.from_bytes(os.urandom(8), "big") % 10**6 if self.seed is None else self.seed

    def check(self, *, keep: bool) -> None:
        """Raises UsageError for options that do not go together."""
        if keep and self.rounds != 1:
            raise UsageError(
                "--keep would leave machines of every repeat standing",
                help="run it once with --keep, or repeat it without",
            )
        if self.seed is not None and not self.stress:
            raise UsageError(
                "--seed says how --stress disturbs, and nothing else is left to chance",
                help=f"add --stress: lab run NAME --stress --seed {self.seed}",
            )


def _number(least: int, most: int, instead: str = "") -> Callable[[str], int]:
    """Reads a number in these bounds; `instead`: what else may be written, for the message."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
            return int(text)
        raise click.BadParameter(f"{text!r}: write a number from {least} to {most}{instead}")

    return read


def _jobs(text: str) -> int | None:
    return None if text == AUTO else _number(1, 1000, f", or {AUTO}")(text)


def _shard(text: str) -> Shard:
    try:
        return shard(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS = (
    click.option(
        "-j",
        "--jobs",
        type=_jobs,
        default=AUTO,
        metavar=f"N|{AUTO}",
        help="Cases to run at a time; auto, unless said, finds out what this engine has use for.",
    ),
    click.option(
        "-x", "--fail-fast", is_flag=True, help="Begin nothing more after one that did not pass."
    ),
    click.option(
        "--lf",
        "--last-failed",
        "last_failed",
        is_flag=True,
        help="Only cases that did not pass when they were last run here.",
    ),
    click.option(
        "--shard",
        type=_shard,
        metavar="K/N",
        help="Only the K-th of N parts; each case is in one, the same on every machine.",
    ),
    click.option(
        "--repeat",
        type=_number(1, 1_000_000),
        metavar="N",
        help="Run each case N times; FLAKY tells which did not always come to the same.",
    ),
    click.option(
        "--until-fail",
        is_flag=True,
        help="Again and again until one does not pass (at most N times with --repeat N).",
    ),
    click.option(
        "--stress",
        is_flag=True,
        help="Disturb: CPUs kept busy, nodes held up, starts in another order.",
    ),
    click.option(
        "--seed",
        type=_number(0, 2**32 - 1),
        metavar="NUMBER",
        help="Disturb in the same way again; without it, --stress picks one and tells it.",
    ),
)


def suite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds them; the command is given `suite`, a SuiteOptions."""
    return gathered("suite", SuiteOptions, _OPTIONS)(command)
