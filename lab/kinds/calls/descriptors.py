"""Which sockets a program never closed.

Law: a descriptor belongs to the process that got it, from socket, accept, dup or the like; that
process must close it, by close or by giving its number to another (dup2). What a child inherits
is not asked for: the end of a child closes that. Threads are one process. What is closed by an
execve (SOCK_CLOEXEC) is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lab.events import Call
from lab.kinds.calls.names import FORKS

_ACCEPTS = frozenset({"accept", "accept4"})
_COPIES = frozenset({"dup", "dup2", "dup3"})
_SHARING = re.compile(r"\bCLONE_(?:FILES|THREAD)\b")
_PAIR = re.compile(r"\[(\d+), (\d+)\]")
_LAST = 1 << 31


class Open(Struct, frozen=True):
    """A descriptor that was never closed, and the call that gave it."""

    number: int
    given: Call

    @property
    def accepted(self) -> bool:
        """Whether accept gave it."""
        return self.given.name in _ACCEPTS

    def __str__(self) -> str:
        return f"{self.number} from {self.given.name}"


def never_closed(calls: Iterable[Call]) -> tuple[Open, ...]:
    """Of all processes, in the order in which they were got."""
    found = tuple(calls)
    process = _processes(found)
    tables: dict[int, dict[int, Call]] = {}
    # A descriptor is there once the call that gives it has returned.
    for call in sorted(found, key=lambda call: call.time + call.seconds):
        table = tables.setdefault(process.get(call.pid, call.pid), {})
        if call.error:
            continue
        for number in _closed(call, table):
            table.pop(number, None)
        for number in _given(call):
            table[number] = call
    left = [Open(number, call) for table in tables.values() for number, call in table.items()]
    return tuple(sorted(left, key=lambda each: each.given.time))


def _processes(calls: Iterable[Call]) -> Mapping[int, int]:
    """The process of each thread that shares one's descriptors."""
    owners: dict[int, int] = {}
    for call in calls:
        if call.name in FORKS and call.result and any(map(_SHARING.search, call.arguments)):
            owners[call.result] = owners.get(call.pid, call.pid)
    return owners


def _given(call: Call) -> tuple[int, ...]:
    if call.name == "socketpair":
        pair = _PAIR.search(" ".join(call.arguments))
        return (int(pair[1]), int(pair[2])) if pair else ()
    copied = call.name == "fcntl" and any("F_DUPFD" in part for part in call.arguments)
    gives = call.name == "socket" or call.name in _ACCEPTS or call.name in _COPIES or copied
    return (call.result,) if gives and call.result is not None else ()


def _closed(call: Call, table: Mapping[int, Call]) -> tuple[int, ...]:
    if call.name == "close":
        return (_number(call, 0),)
    if call.name in ("dup2", "dup3"):
        return (_number(call, 1),)
    if call.name == "close_range":
        last = _number(call, 1)
        return tuple(n for n in table if _number(call, 0) <= n <= last)
    if call.name in ("execve", "execveat"):
        return tuple(n for n, given in table.items() if "CLOEXEC" in " ".join(given.arguments))
    return ()


def _number(call: Call, place: int) -> int:
    text = call.arguments[place] if place < len(call.arguments) else ""
    return int(text) if text.isdecimal() else _LAST
