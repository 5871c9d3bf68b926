"""Bytes of one line as text in which nothing is invisible.

Law: what is shown, written as a line of an expected block, would match those very bytes.
"""

from __future__ import annotations

import re

_ESCAPES = {"\0": r"\0", "\r": r"\r", "\t": r"\t", "\\": r"\\", "\n": r"\n"}
_BYTES = {"0": 0, "r": 13, "t": 9, "\\": 92, "n": 10}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[0rtn\\])|\\")
_SUFFIX = re.compile(r" \((?:re|glob|esc|\?)\)$")

NO_NEWLINE = " (no newline)"
_BRIEF = 300  # bytes of a line that are worth showing


def visible(line: bytes) -> str:
    """A line without its newline: as it is where it can be, else escaped and marked ` (esc)`."""
    text = line.decode("utf-8", "surrogateescape")
    plain = text.isprintable() and not text.endswith(" ") and text != "..."
    if plain and not _SUFFIX.search(text):
        return text
    return "".join(map(_escaped, text[:-1])) + _last(text[-1:], text) + " (esc)"


def brief(line: bytes) -> str:
    """As visible(); of a very long line the beginning, and how long it is."""
    if len(line) <= _BRIEF:
        return visible(line)
    return f"{visible(line[:_BRIEF])}... ({len(line)} bytes)"


def escaped(data: bytes, limit: int = 80) -> str:
    """Any bytes on one line in double quotes, cut where they are long."""
    text = data[:limit].decode("utf-8", "surrogateescape")
    more = "..." if len(data) > limit else ""
    return '"' + "".join(map(_escaped, text)) + more + '"'


def _last(character: str, text: str) -> str:
    if character == " ":
        return r"\x20"
    return r"\x2e" if text == "..." else _escaped(character)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    raw = character.encode("utf-8", "surrogateescape")
    return "".join(f"\\x{byte:02x}" for byte in raw)


def unescape(text: str) -> bytes:
    r"""The bytes of text with \0, \r, \t, \n, \\ and \xNN. ValueError at any other backslash."""
    parts: list[bytes] = []
    end = 0
    for match in _ESCAPE.finditer(text):
        if match[1] is None:
            raise ValueError(r"after a backslash stands 0, r, t, n, \ or xNN")
        parts.append(text[end : match.start()].encode())
        code = match[1]
        parts.append(bytes([int(code[1:], 16) if code[0] == "x" else _BYTES[code]]))
        end = match.end()
    return b"".join(parts) + text[end:].encode()
