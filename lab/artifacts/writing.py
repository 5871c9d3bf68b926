"""A line that was seen, as a line of an expected block.

Law: what is written matches the very bytes it was made from, in the run they came from; an
address that a run picked is written as a reference, so that it matches in the next run too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lab.kinds.output.visible import visible

_ADDRESS_WORDS = ("ip", "ipv4", "ipv6")


def written(line: bytes, bindings: Mapping[str, str], hints: Iterable[str] = ()) -> str:
    """The line, by the rule that its bytes need. `hints`: references to be used where they fit."""
    names = _names(bindings, hints)
    text = line.decode("utf-8", "surrogateescape").replace("${", "$${")
    mark = "\N{LEFT WHITE SQUARE BRACKET}"
    while mark in text:
        mark += mark[0]
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(names[match[0]])
        return mark

    if names:
        text = re.sub(_any_of(names), keep, text)
    shown = visible(text.encode("utf-8", "surrogateescape"))
    for name in found:
        shown = shown.replace(mark, f"${{{name}}}", 1)
    return shown


def _names(bindings: Mapping[str, str], hints: Iterable[str]) -> dict[str, str]:
    """The reference to write for each value: a hint, or the shortest there is."""
    names: dict[str, str] = {}
    for name in sorted(bindings, key=lambda name: (len(name), name)):
        if name.rpartition(".")[2] in _ADDRESS_WORDS:
            names.setdefault(bindings[name], name)
    return {**names, **{bindings[name]: name for name in hints if name in bindings}}


def _any_of(values: Iterable[str]) -> str:
    """Finds a value that is not part of a longer address or number; the longest first."""
    longest = sorted(values, key=len, reverse=True)
    return "|".join(f"{_before(value)}{re.escape(value)}{_behind(value)}" for value in longest)


def _before(value: str) -> str:
    if ":" in value:
        return r"(?<![0-9A-Fa-f:.])"
    return r"(?<![0-9.])" if "." in value else r"(?<![\w.])"


def _behind(value: str) -> str:
    if ":" in value:
        return r"(?![0-9A-Fa-f]|:[0-9A-Fa-f:])"
    return r"(?![0-9]|\.[0-9])" if "." in value else r"(?![\w])"
