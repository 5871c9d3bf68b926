"""A program that asks again and again, and gets nothing done.

Law: counted for each thread: calls in a row none of which did anything, within a time. To wait
is to do nothing, and so is a call that fails, or receives the end of a stream.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

from lab.events import Call
from lab.kinds.calls.names import RECEIVES, WAITS

IN_A_ROW = 100
WITHIN = 1.0  # seconds


class Spin(Struct, frozen=True):
    """So many calls that did nothing; `last` is one of them."""

    seconds: float
    last: Call


def spin(calls: Iterable[Call]) -> Spin | None:
    """The first that is found."""
    rows: dict[int, deque[float]] = {}
    for call in calls:
        row = rows.setdefault(call.pid, deque(maxlen=IN_A_ROW))
        if _does(call):
            row.clear()
            continue
        row.append(call.time)
        if len(row) == IN_A_ROW and row[-1] - row[0] < WITHIN:
            return Spin(row[-1] - row[0], call)
    return None


def _does(call: Call) -> bool:
    if call.name in WAITS or call.error:
        return False
    return call.name not in RECEIVES or call.result != 0
