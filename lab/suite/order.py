"""The order in which cases begin.

Law: pure; every case is in it once, and it changes no verdict.
"""

from __future__ import annotations

import random
from collections.abc import Sequence


def longest_first(seconds: Sequence[float | None]) -> tuple[int, ...]:
    """Numbers of cases by how long they took; those nobody knows of first, as they were given.

    So what runs at the end, when some places are empty, is short.
    """
    numbers = range(len(seconds))
    return tuple(sorted(numbers, key=lambda n: (seconds[n] is not None, -(seconds[n] or 0.0))))


def shuffled(count: int, chance: random.Random) -> tuple[int, ...]:
    """So many numbers in any order."""
    numbers = list(range(count))
    chance.shuffle(numbers)
    return tuple(numbers)
