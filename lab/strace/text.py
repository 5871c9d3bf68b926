"""One call as strace writes it: `recv(3<socket:[7]>, "hi", 99, 0) = 2 <0.000012>`.

Law: a program decides what stands in its strings and paths, so these are skipped as wholes: no
bracket or comma in them is one of strace's.
"""

from __future__ import annotations

import re

from msgspec import Struct

_NAME = re.compile(r"[a-z_][a-z0-9_]*\(")
# A string, what a descriptor is (-y), a comment, a bracket or comma, or anything between them.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"(?:\.\.\.)?|(?<=[0-9D])<(?:[^<>\\]|\\.)*>|/\*.*?\*/'
    r'|[\[\]{}(),]|[^"<\[\]{}(),/]+|[^"]'
)
_RESULT = re.compile(
    r"\s*= (?P<value>\?|-?[0-9]+|0x[0-9a-f]+)(?P<what><(?:[^<>\\]|\\.)*>)?"
    r"(?: /\* (?P<here>[0-9]+) in strace's PID NS \*/)?"
    r"(?: (?P<error>E[A-Z0-9]+)\b)?.*?(?: <(?P<seconds>[0-9.]+)>)?$"
)
_SOCKET = re.compile(r"<socket:\[([0-9]+)\]>")
_FILE = re.compile(r"</(?!dev/(?:pts/|tty|console))")
_OPENING, _CLOSING = "([{", ")]}"


class StraceError(Exception):
    """Text that strace does not write."""


class Said(Struct, frozen=True):
    """A whole call. `socket`: see lab.events.Call; `file`: what it is made on is a file."""

    name: str
    arguments: tuple[str, ...]
    result: int | None
    error: str
    seconds: float
    socket: int
    file: bool


def parse(text: str) -> Said:
    """The call. Raises StraceError."""
    name = _NAME.match(text)
    if name is None:
        raise StraceError(f"no call: {text[:100]!r}")
    arguments, on, end = _arguments(text, name.end())
    found = _RESULT.match(text, end)
    if found is None:
        raise StraceError(f"a call without its end: {text[:100]!r}")
    value = found["here"] or found["value"]
    sockets = _SOCKET.search(on) or _SOCKET.search(found["what"] or "")
    error = found["error"] or ""
    return Said(
        name[0][:-1],
        tuple(arguments),
        None if value == "?" or error else int(value, 0),
        error,
        float(found["seconds"] or 0),
        int(sockets[1]) if sockets else 0,
        bool(_FILE.match(on)),
    )


def _arguments(text: str, at: int) -> tuple[list[str], str, int]:
    """The arguments, what the first of them is if it is a descriptor, and where they end."""
    found: list[str] = []
    parts: list[str] = [""]
    depth, on = 0, ""
    while token := _TOKEN.match(text, at):
        word, at = token[0], token.end()
        if word.startswith("<") and len(word) > 1:
            on = on if found or depth else word
            continue
        if not depth and word in (",", ")"):
            found.append("".join(parts).strip())
            parts = []
        else:
            parts.append(word)
        if word == ")" and not depth:
            return ([] if found == [""] else found), on, at
        depth += (word in _OPENING) - (word in _CLOSING)
    raise StraceError(f"a call without its end: {text[:100]!r}")
