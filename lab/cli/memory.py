"""What earlier runs of a project tell this one, and this one the next.

Law: decides which cases are run and what is remembered; never what a run comes to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lab.cli.parts import Outcome, RunOptions
from lab.cli.suite_options import SuiteOptions
from lab.errors import NothingSelectedError
from lab.history import History, Past, add, key, past, read
from lab.verdict import Verdict

if TYPE_CHECKING:
    from lab.model import Scenario


class Memory(Struct, frozen=True):
    """The history of the project in folder `root`."""

    root: Path
    history: History

    @classmethod
    def of(cls, root: Path) -> Memory:
        """What is remembered of it."""
        return cls(root, read(root))

    def part(self, found: Sequence[Scenario], suite: SuiteOptions) -> Sequence[Scenario]:
        """Of these cases, those of the shard, and of them those that did not pass the last time.

        In that order: which cases a shard has is the same on every machine, what failed is not.
        Raises NothingSelectedError.
        """
        if suite.shard is not None:
            found = suite.shard.of(found, lambda case: key(self.root, case.path, case.name))
        if not suite.last_failed:
            return found
        bad = self.history.bad(self.root, found)
        if not bad:
            raise NothingSelectedError(
                "none of these cases failed when it was last run here",
                help="run them all: lab run all",
            )
        return bad

    def options(self, cases: Sequence[Scenario], suite: SuiteOptions, *, keep: bool) -> RunOptions:
        """How to run these cases."""
        return RunOptions(
            jobs=suite.jobs,
            keep=keep,
            rounds=suite.rounds,
            fail_fast=suite.fail_fast or suite.until_fail,
            seconds=self.history.seconds(self.root, cases),
            levels=self.history.levels,
            seed=suite.pick_seed(),
        )

    def keep(self, outcome: Outcome, options: RunOptions) -> None:
        """Remember it. A machine made busy says nothing of how long a case takes."""
        runs: dict[str, list[Past]] = {}
        for result in outcome.results:
            if result.verdict is not Verdict.SKIP:
                seconds = result.seconds if options.seed is None else None
                name = key(self.root, result.path, result.case)
                runs.setdefault(name, []).append(Past(result.verdict, seconds))
        add(self.root, History({name: past(each) for name, each in runs.items()}, outcome.levels))
