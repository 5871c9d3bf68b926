"""One of several parts of a suite, for machines that share its work: `--shard 2/5`.

Law: every case is in exactly one shard, and which one depends on nothing but the names of all.
Cases that stand side by side in a folder, or in a matrix, are often alike: they are dealt out
in turn, so the shards come out alike too. Recorded times are no help: each machine has others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from lab.errors import NothingSelectedError
from lab.report.words import counted

if TYPE_CHECKING:
    from lab.model import Scenario


class Shard(Struct, frozen=True):
    """Part `number` (from 1) of `parts`."""

    number: int
    parts: int

    def __str__(self) -> str:
        return f"{self.number}/{self.parts}"

    def of(
        self, cases: Sequence[Scenario], name: Callable[[Scenario], str]
    ) -> tuple[Scenario, ...]:
        """Its cases, in the order given. Raises NothingSelectedError where there is none.

        `name` must be the same on every machine.
        """
        dealt = sorted(map(name, cases))[self.number - 1 :: self.parts]
        if not dealt:
            raise NothingSelectedError(
                f"shard {self} has no case: there {_are(len(cases))} in all",
                help=f"use {counted(len(cases), 'shard')} at most",
            )
        mine = set(dealt)
        return tuple(case for case in cases if name(case) in mine)


def shard(text: str) -> Shard:
    """`2/5`, read. Raises ValueError that says what to write."""
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if found is None:
        raise ValueError(f"{text!r} is no shard: write 2/5 for the second of five")
    number, parts = int(found[1]), int(found[2])
    if not parts:
        raise ValueError(f"{text!r}: there must be one shard at least, as in 1/1")
    if not 1 <= number <= parts:
        raise ValueError(f"{text!r}: shards are counted from 1/{parts} to {parts}/{parts}")
    return Shard(number, parts)


def _are(number: int) -> str:
    return f"{'is' if number == 1 else 'are'} {counted(number, 'case')}"
