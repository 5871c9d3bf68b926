"""What YAML's own parser objects to, in words a beginner can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from lab.source.composer import Refusal
from lab.source.excerpt import quote
from lab.source.shapes.advice import quoted
from lab.source.span import Span

_ADDRESS = r"[a-z/]*\[[0-9A-Fa-f:.]*\]:[0-9]+"
_VALUE = r"\s*(?:- +)*(?:[^:#\s]+: +)?(.*)"  # of a line that is a key or an item
_LONGEST = 70  # characters of a value that are worth showing again


def refusal(path: Path, error: yaml.YAMLError, lines: list[str]) -> Refusal:
    """The parser's error as a located refusal."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Refusal(Span(path, 1, 1, 1, 2), f"this is not YAML: {error}", "read it again")
    problem = (error.problem or "it cannot be read").replace("in this context", "here")
    opened = _never_closed(problem, error.context or "")
    if opened and (blocked := _blocked(path, opened, error, lines)):
        return blocked
    mark = error.context_mark if opened else error.problem_mark or error.context_mark
    span = _span(path, mark, lines)
    line = lines[span.line - 1]
    if opened:
        return _unclosed(span, opened, line)
    said = f"{error.context or ''} {problem}"
    tell = next((tell for words, tell in _TELLERS.items() if words in said), None)
    if tell is None:
        mend = "check the indentation: keys of one mapping begin in the same column"
        return Refusal(span, f"this is not YAML: {problem}", mend)
    return tell(span, line)


def _span(path: Path, mark: yaml.Mark | None, lines: list[str]) -> Span:
    """The place of a mark; one behind the last line becomes the end of the last written one."""
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if not any(text.strip() for text in lines[line:]):
        line = max((i for i, text in enumerate(lines) if text.strip()), default=0)
        column = len(lines[line])
    return Span(path, line + 1, column + 1, line + 1, column + 2)


def _never_closed(problem: str, context: str) -> str:
    if "quoted scalar" in context and ("end of stream" in problem or "document" in problem):
        return "quote"
    if "flow sequence" in context and "expected" in problem:
        return "bracket"
    if "flow mapping" in context and "expected" in problem:
        return "brace"
    return ""


def _unclosed(span: Span, opened: str, line: str) -> Refusal:
    """A quote, bracket or brace that is not closed, or was not meant to be one."""
    if opened != "quote" and "${" in line:
        column = line.index("${") + 1
        braces = Span(span.path, span.line, column, span.line, column + 2)
        what = "inside brackets and braces, ${...} must stand in quotes"
        return Refusal(braces, what, 'write "${...}"')
    if opened != "quote" and (address := re.search(_ADDRESS, line)):
        return _bracketed(span, address)
    rest = line[span.column - 1 :].strip()
    sign = {"quote": rest[:1], "bracket": "]", "brace": "}"}[opened]
    mend = f"close it with {sign}, or put the whole text in quotes where it is text"
    return Refusal(span, f"the {opened} that opens here is not closed", mend)


def _blocked(
    path: Path, opened: str, error: yaml.MarkedYAMLError, lines: list[str]
) -> Refusal | None:
    """A bracket or brace that is closed later, but for something that cannot stand between."""
    sign = {"bracket": "]", "brace": "}"}.get(opened)
    first, where = error.context_mark, error.problem_mark
    if sign is None or first is None or where is None or first.line != where.line:
        return None
    line = lines[first.line] if first.line < len(lines) else ""
    if sign not in line[where.column :] or "${" in line or re.search(_ADDRESS, line):
        return None
    what = f"a comma or {sign} must come here"
    mend = "text with a colon and a space, a comma, brackets or braces must stand in quotes"
    return Refusal(_span(path, where, lines), what, mend)


def _bracketed(span: Span, address: re.Match[str]) -> Refusal:
    """An IPv6 address in brackets, taken for a list."""
    start, end = address.start() + 1, address.end() + 1
    place = Span(span.path, span.line, start, span.line, end)
    return Refusal(place, "[ begins a list in YAML", f"write {quoted(address[0])}")


def _no_value(span: Span, line: str) -> Refusal:
    """A value is missing, or what was meant for one is none."""
    address = re.search(_ADDRESS, line)
    return _bracketed(span, address) if address else _misplaced(span, line)


def _tag(span: Span, line: str) -> Refusal:
    """Text that begins with an exclamation mark."""
    column = line.find("!") + 1
    word = re.split(r"[\s,\]}]", line[column - 1 :])[0]
    place = Span(span.path, span.line, column, span.line, column + len(word))
    what = f"{quote(word)} is a tag, and tags have no meaning here"
    return Refusal(place, what, f"write {quoted(word)}")


def _no_beginning(span: Span, line: str) -> Refusal:
    """A character that can begin no value."""
    if "\t" in line[: span.column]:
        return Refusal(span, "a tab cannot indent", "indent with spaces")
    sign = line[span.column - 1 : span.column]
    rest = line[span.column - 1 :].strip()
    if "[" in line[: span.column] or "{" in line[: span.column]:
        rest = re.split(r"[,\]}]", rest)[0]
    return Refusal(span, f"no text without quotes begins with {sign}", f"write {_shown(rest)}")


def _second_colon(span: Span, line: str) -> Refusal:
    """A colon and a space in plain text, or a line that is indented too far."""
    value = re.match(_VALUE, line)
    if value is not None and value.end() >= span.column > value.start(1):
        what = "a colon and a space cannot stand in text without quotes"
        return Refusal(span, what, f"write {_shown(value[1])}")
    what = "a colon here would begin a mapping, and none can begin here"
    mend = "indent this line as those above it; text with a colon and a space stands in quotes"
    return Refusal(span, what, mend)


def _misplaced(span: Span, line: str) -> Refusal:
    """A line that belongs to nothing above it, or something behind a value that was over."""
    before = line[: span.column - 1]
    if before.strip(" -"):
        rest = line[span.column - 1 :].strip()
        what = f"nothing can follow here: {quote(rest, 30)}"
        if rest in ("]", "}"):
            return Refusal(span, what, "leave it out: it closes nothing")
        value = re.match(_VALUE, line)
        mend = f": {_shown(value[1])}" if value and value.start(1) < span.column else ""
        return Refusal(span, what, f"put the whole text in quotes{mend}")
    what = "this line is indented as none above it that it could belong to"
    if line.lstrip().startswith("- "):
        what = "a dash begins an item of a list, and no list is open here"
    mend = "keys of one mapping, and dashes of one list, stand in the same column"
    return Refusal(span, what, mend)


def _shown(text: str) -> str:
    """The text in quotes, as it is to be written; a comment behind it left out."""
    plain = re.split(r"\s+#", text)[0].rstrip()
    return quoted(plain) if len(plain) <= _LONGEST else "it in quotes"


_TELLERS: Mapping[str, Callable[[Span, str], Refusal]] = {
    "start any token": _no_beginning,
    "mapping values are not allowed": _second_colon,
    "scanning a tag": _tag,
    "node content": _no_value,
    "escape": lambda span, _: Refusal(
        span,
        "a backslash in double quotes begins an escape, and this is none",
        r"write \\ for a backslash, or single quotes around the text",
    ),
    "expected": _misplaced,
    "but found": _misplaced,
}
"""Who tells of it, by words of the parser's message; the first that is found counts."""
