"""Bytes into characters, refusing what an editor would show as something else.

A byte order mark at the very beginning is ignored. CR LF and CR end lines as LF does.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from pathlib import Path

from lab.source.diagnostic import Diagnostic, InvalidScenario, Problems, split_lines
from lab.source.span import Span

# Compiled when needed only: a scenario in ASCII, which most are, need not pay for it.
_ODD = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"


def decode(path: Path, data: bytes, largest: int) -> str:
    """The text of a file. Raises InvalidScenario: not UTF-8, or longer than `largest` bytes."""
    if len(data) > largest:
        what = f"the file has {len(data)} bytes; a scenario has at most {largest}"
        raise InvalidScenario([Diagnostic(Span(path, 1, 1, 1, 1), what, "is it the right file?")])
    body = data.removeprefix(BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidScenario([_not_utf8(path, body, error.start)]) from None


def _not_utf8(path: Path, data: bytes, start: int) -> Diagnostic:
    before = split_lines(data[:start].decode("utf-8", "replace"))
    rest = split_lines(data[start : start + 200].decode("utf-8", "replace"))[0]
    line, column = len(before), len(before[-1]) + 1
    what = f"byte 0x{data[start]:02x} is not UTF-8"
    mend = r'save the file as UTF-8; bytes a program must send are written "\xNN"'
    return Diagnostic(Span(path, line, column, line, column + 1), what, mend, before[-1] + rest)


def refuse_odd_characters(path: Path, text: str, problems: Problems) -> None:
    """Notes every character that YAML forbids or takes for a line break editors do not know."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    if not re.search(_ODD, text):
        return
    for number, line in enumerate(split_lines(text), start=1):
        for match in re.finditer(_ODD, line):
            span = Span(path, number, match.start() + 1, number, match.end() + 1)
            escape = _escape(match[0])
            what = f"the character {escape} cannot stand in a scenario file"
            problems.add(span, what, f'inside double quotes it can be written as "{escape}"')


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
