"""The calls of a trace, from its text as it arrives.

Law: what comes before the program's own execve is the holder's, and no part of it. A call that
has not returned yet is no call yet. Calls on plain files are left out, and closing what is no
socket: there are hundreds of them, and none says anything of the network.
"""

from __future__ import annotations

import re

from lab.events import Call
from lab.strace.text import Said, StraceError, parse

MOST = 100_000  # calls that are kept

_LINE = re.compile(r"(?P<pid>[0-9]+) +(?P<time>[0-9]+\.[0-9]+) (?P<body>.*)")
_RESUMED = re.compile(r"<\.\.\. (?:[a-z0-9_]+ )?resumed>")
_UNFINISHED = "<unfinished ...>"
_ASIDES = ("+++ ", "--- ")  # an end, a signal
_EXECUTES = frozenset({"execve", "execveat"})
_ON_FILES = frozenset({"read", "readv", "write", "writev", "sendfile"})
_ON_SOCKETS = frozenset({"close", "dup", "dup2", "dup3", "fcntl"})


class Reader:
    """Takes text, has calls; `lost` says why they are not all."""

    def __init__(self) -> None:
        self._rest = ""
        self._first = ""
        self._begun = False
        self._open: dict[str, tuple[int, float, str]] = {}  # by pid: place, time, text so far
        self._calls: list[Call | None] = []
        self._count = 0
        self._known: tuple[Call, ...] | None = ()
        self.lost = ""

    @property
    def calls(self) -> tuple[Call, ...]:
        """All so far, in the order in which they were made."""
        if self._known is None:
            self._known = tuple(call for call in self._calls if call is not None)
        return self._known

    def feed(self, text: str, ahead: float) -> None:
        """More text; its times are `ahead` seconds of the monotonic clock."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if self.lost:
                return
            try:
                self._take(line, ahead)
            except StraceError as error:
                self.lost = f"the trace of its calls cannot be read: {error}"

    def _take(self, line: str, ahead: float) -> None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise StraceError(f"no line of a trace: {line[:100]!r}")
        pid, body, time = match["pid"], match["body"], float(match["time"]) - ahead
        self._first = self._first or pid
        if body.startswith(_ASIDES):
            return
        resumed = _RESUMED.match(body)
        if resumed is not None:
            place, time, before = self._open.pop(pid, (-1, time, ""))
            if place >= 0:
                self._hear(pid, place, time, before + body[resumed.end() :])
        elif body.endswith(_UNFINISHED):
            self._open[pid] = len(self._calls), time, body.removesuffix(_UNFINISHED)
            self._calls.append(None)
        else:
            self._calls.append(None)
            self._hear(pid, len(self._calls) - 1, time, body)

    def _hear(self, pid: str, place: int, time: float, text: str) -> None:
        said = parse(text.replace(_UNFINISHED, ""))
        if not self._begun:
            self._begun = said.name in _EXECUTES and said.result == 0 and pid == self._first
            self._calls.clear()
            self._open.clear()
            return
        if not _kept(said):
            return
        self._count += 1
        if self._count > MOST:
            self.lost = f"it made more than the {MOST} calls that are kept"
            return
        self._known = None
        self._calls[place] = Call(
            time,
            int(pid),
            said.name,
            said.arguments,
            said.result,
            said.error,
            said.seconds,
            said.socket,
        )


def _kept(said: Said) -> bool:
    if said.name in _ON_FILES:
        return not said.file
    return said.name not in _ON_SOCKETS or bool(said.socket) or said.error == "EBADF"
