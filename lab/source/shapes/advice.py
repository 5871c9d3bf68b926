"""What to write instead, where a value has the wrong form: the slips that YAML makes easy.

Law: only says; whether something is wrong is for the shapes to know.
"""

from __future__ import annotations

import re

from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.scope import Scope

_LONGEST = 70  # characters of the user's own text that are worth showing again


def for_text(value: Located, scope: Scope) -> str:
    """Text belongs here, and YAML made something else of it."""
    written = scope.problems.written(value.span)
    if not written or isinstance(value, Scalar):
        return ""
    if isinstance(value, Sequence) and re.fullmatch(r"\[[A-Za-z0-9.-]+\]", written):
        return f"leave out the brackets: {written[1:-1]}"
    why = "a colon and a space make a mapping"
    if written[0] in "[{":
        why = f"{written[0]} begins a {'list' if written[0] == '[' else 'mapping'}"
    shown = f": {quoted(written)}" if len(written) <= _LONGEST else ""
    return f"{why}; put the whole text in quotes{shown}"


def for_nothing(value: Located, scope: Scope) -> str:
    """Something belongs here, and only a mark for it is written."""
    written = scope.problems.written(value.span)
    if written.startswith("&"):
        return f"text that begins with & must stand in quotes: {quoted(written)}"
    return ""


def for_list(value: Located) -> str:
    """A list belongs here."""
    if isinstance(value, Mapping):
        first = value.pairs[0][0] if value.pairs else None
        if isinstance(first, Scalar) and (glued := _glued_dash(first.text)):
            return glued
        return "begin each item with a dash and a space, or write [ and ] around them"
    if isinstance(value, Scalar) and value.empty:
        return "write the items below, each on a line of its own after a dash and a space"
    if isinstance(value, Scalar) and len(value.text) <= _LONGEST:
        if value.plain and (glued := _glued_dash(value.text)):
            return glued
        items = re.split(", *| +", value.text)
        if all(re.fullmatch("[A-Za-z0-9._/>=-]+", item) for item in items):
            return f"write [{', '.join(items)}], or one item a line after a dash and a space"
    return "write [ and ] around it, or one item a line after a dash and a space"


def for_mapping(value: Located) -> str:
    """A mapping belongs here; empty where there is nothing special to say."""
    if isinstance(value, Sequence):
        return "leave out the dashes or brackets: write each name, a colon, what belongs to it"
    if isinstance(value, Scalar) and value.empty:
        return "indent what belongs to it further than this line"
    if isinstance(value, Scalar) and value.plain:
        return glued_colon(value.text)
    return ""


def glued_colon(text: str) -> str:
    """Help for `start:server` and `start = server`; empty for other text."""
    match = re.match(r"([A-Za-z][A-Za-z0-9-]*):(\S+)", text)
    if match is not None and not match[2].startswith("//"):
        return f"a space is missing behind the colon: {match[1]}: {match[2]}"
    match = re.match(r"([A-Za-z][A-Za-z0-9-]*) ?= ?\S", text)
    return f"a key ends in a colon, not in =: write {match[1]}: ..." if match else ""


def _glued_dash(text: str) -> str:
    match = re.match(r"-([A-Za-z][A-Za-z0-9-]*)", text)
    return f"a space is missing behind the dash: - {match[1]}" if match else ""


def quoted(text: str) -> str:
    """Text as YAML takes it in quotes, the plainest that can be."""
    if '"' not in text and "\\" not in text:
        return quote(text)
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
