"""One expected piece of output: plain text, or by the rule its suffix names.

Suffixes: ` (re)` a regular expression, ` (glob)` with * and ?, ` (esc)` with escapes, and
` (?)`, alone or behind another, for a line that may be missing. What `${...}` stands for is
always taken as it is, in every rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from lab.kinds.output.visible import unescape, visible
from lab.source import Span
from lab.source.template import Template


class Rule(Enum):
    """How the text is compared; the value is the suffix that says so."""

    PLAIN = ""
    REGEX = " (re)"
    GLOB = " (glob)"
    ESCAPED = " (esc)"


OPTIONAL = " (?)"
ELISION = "..."


class Pattern(Struct, frozen=True):
    """An expected piece; `ends` None: whether a newline follows does not matter."""

    rule: Rule
    template: Template
    optional: bool = False
    ends: bool | None = True
    span: Span | None = None

    @property
    def elision(self) -> bool:
        """Stands for any lines."""
        return self.rule is Rule.PLAIN and self.template.text == ELISION

    def expression(self, bindings: Mapping[str, str]) -> bytes:
        """A regular expression over bytes. KeyError: a reference is unknown; re.error."""
        source = self.template.transform(
            bindings,
            lambda text: self._written(text).decode("latin-1"),
            lambda value: re.escape(value.encode()).decode("latin-1"),
        ).encode("latin-1")
        return _joined(source.split(_STAR)) if self.rule is Rule.GLOB else source

    def _written(self, text: str) -> bytes:
        match self.rule:
            case Rule.REGEX:
                return text.encode()
            case Rule.GLOB:
                return glob(text)
            case Rule.ESCAPED:
                return re.escape(unescape(text))
            case Rule.PLAIN:
                return re.escape(text.encode())

    def literal(self, bindings: Mapping[str, str]) -> bytes | None:
        """The very bytes, where the rule leaves no choice."""
        if self.rule is Rule.PLAIN:
            return self.template.render(bindings).encode()
        if self.rule is Rule.ESCAPED:
            parts = self.template.transform(
                bindings,
                lambda text: unescape(text).decode("latin-1"),
                lambda value: value.encode().decode("latin-1"),
            )
            return parts.encode("latin-1")
        return None

    def shown(self, bindings: Mapping[str, str]) -> str:
        """The line for people, references replaced."""
        if self.elision:
            return ELISION
        text = self.literal(bindings)
        optional = OPTIONAL if self.optional else ""
        if text is None:
            return self.template.render(bindings) + self.rule.value + optional
        return visible(text) + optional


def split_rule(text: str) -> tuple[Rule, str, bool]:
    """The rule, the text without its suffixes, and whether it may be missing."""
    optional = text.endswith(OPTIONAL)
    text = text.removesuffix(OPTIONAL)
    for rule in (Rule.REGEX, Rule.GLOB, Rule.ESCAPED):
        if text.endswith(rule.value):
            return rule, text.removesuffix(rule.value), optional
    return Rule.PLAIN, text, optional


_STAR = b"(?#*)"  # a comment, which nothing that is escaped can be
_GLOB = {"*": _STAR, "?": rb"(?:[^\n\x80-\xff]|[\xc0-\xff][\x80-\xbf]*+)"}


def _joined(pieces: Sequence[bytes]) -> bytes:
    """What stars part, as one expression: the first place where a piece fits is never given up,
    for no later one could do better, so that a line is gone through once."""
    first, *rest = pieces
    if not rest:
        return first
    *middle, last = rest
    return first + b"".join(rb"(?>[^\n]*?%b)" % piece for piece in middle) + rb"[^\n]*" + last


def glob(text: str) -> bytes:
    r"""A glob as expressions with _STAR between: ? one character; a backslash before either."""
    tokens = re.findall(r"\\[*?\\]|.", text, re.DOTALL)
    return b"".join(_GLOB.get(token) or re.escape(token[-1:].encode()) for token in tokens)


def fault(pattern: Pattern) -> str:
    """What is wrong with how it is written, before any run; nothing, mostly."""
    stand_in = dict.fromkeys(pattern.template.references, "x")
    try:
        re.compile(pattern.expression(stand_in))
    except re.error as error:
        return f"as a regular expression: {error.msg}"
    except ValueError as error:
        return f"with escapes: {error}"
    return ""
