"""Shapes of a single value: text, numbers, words, names, and whatever a parser reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from lab.source.excerpt import quote
from lab.source.located import Located
from lab.source.scope import Scope, did_you_mean
from lab.source.shapes.shape import Schema, not_a, or_reference, patterned, refused, scalar
from lab.source.template import Template

T = TypeVar("T")

PLAIN_TEXT = "write text; in quotes where it is empty or holds { [ # or a colon and a space"
UNFINISHED_HELP = "close it with }, as in ${server.ip}, or write $${ for a plain ${"
TEXT_SCHEMA: Schema = {"type": ["string", "number", "boolean"]}  # `22:22`, `no`, `010` are text


class Text:
    """Any text; quoted, it may be empty. `fault` says what is wrong with one, or nothing."""

    def __init__(
        self,
        noun: str = "text",
        fault: Callable[[str], str] | None = None,
        expression: str = "",
    ) -> None:
        """`expression`: what the JSON Schema says of it, a regular expression (ECMA-262)."""
        self._noun = noun
        self._fault = fault
        self._expression = expression

    def read(self, value: Located, scope: Scope) -> str:
        found = scalar(value, scope, self._noun, self._fault("") if self._fault else PLAIN_TEXT)
        if self._fault and (fault := self._fault(found.text)):
            raise not_a(found, scope, self._noun, fault)
        return found.text

    def schema(self) -> Schema:
        if not self._expression:
            return TEXT_SCHEMA
        return {**TEXT_SCHEMA, "pattern": patterned(self._expression)["pattern"]}


class TemplateText:
    """Text that may hold `${...}` references."""

    def __init__(self, noun: str = "text", *, without_nul: bool = False) -> None:
        self._noun = noun
        self._without_nul = without_nul

    def read(self, value: Located, scope: Scope) -> Template:
        found = scalar(value, scope, self._noun, PLAIN_TEXT)
        if self._without_nul and "\0" in found.text:
            what = "a NUL byte ends an argument in C, so none can hold it"
            raise refused(scope, found.span, what, "leave it out; send: can write NUL bytes")
        template = Template(found.text, found.span)
        if (place := template.unfinished) is not None:
            span = found.part_span(place, place + 2)
            raise refused(scope, span, "${ begins a reference that does not end", UNFINISHED_HELP)
        if template.references:
            scope.templates.append((template, found))
        return template

    def schema(self) -> Schema:
        return TEXT_SCHEMA


class Parsed(Generic[T]):
    """Text read by a function whose ValueError says what to write."""

    def __init__(
        self,
        noun: str,
        parse: Callable[[str], T],
        mend: str,
        schema: Schema = TEXT_SCHEMA,
    ) -> None:
        self._noun = noun
        self._parse = parse
        self._mend = mend
        self._schema = schema

    def read(self, value: Located, scope: Scope) -> T:
        found = scalar(value, scope, self._noun, self._mend)
        try:
            return self._parse(found.text)
        except ValueError as error:
            raise not_a(found, scope, self._noun, str(error)) from None

    def schema(self) -> Schema:
        return self._schema


class Integer:
    """A whole number, written plainly in decimal without leading zeros."""

    def __init__(self, noun: str, low: int, high: int) -> None:
        self._noun = noun
        self._low = low
        self._high = high

    def read(self, value: Located, scope: Scope) -> int:
        mend = f"write a whole number from {self._low} to {self._high}"
        found = scalar(value, scope, self._noun, mend)
        text = found.text
        if not found.plain and text.isdigit():
            raise not_a(found, scope, self._noun, f"write {text} without quotes")
        if re.fullmatch("0[0-9]+", text, re.ASCII):
            raise not_a(
                found, scope, self._noun, f"write {text.lstrip('0') or '0'}, without leading zeros"
            )
        if not re.fullmatch("-?[0-9]{1,18}", text, re.ASCII) or not found.plain:
            raise not_a(found, scope, self._noun, mend)
        number = int(text)
        if not self._low <= number <= self._high:
            raise not_a(found, scope, self._noun, mend)
        return number

    def schema(self) -> Schema:
        return or_reference({"type": "integer", "minimum": self._low, "maximum": self._high})


class Number:
    """A decimal number above 0."""

    def __init__(self, noun: str, high: float) -> None:
        self._noun = noun
        self._high = high

    def read(self, value: Located, scope: Scope) -> float:
        mend = f"write a number above 0, at most {self._high:g}: 0.5"
        found = scalar(value, scope, self._noun, mend)
        plain = found.plain and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", found.text, re.ASCII)
        if not plain or not 0 < float(found.text) <= self._high:
            raise not_a(found, scope, self._noun, mend)
        return float(found.text)

    def schema(self) -> Schema:
        return or_reference({"type": "number", "exclusiveMinimum": 0, "maximum": self._high})


class Choice(Generic[T]):
    """One of a few words."""

    def __init__(self, noun: str, words: Mapping[str, T]) -> None:
        self._noun = noun
        self._words = words

    def read(self, value: Located, scope: Scope) -> T:
        listing = f"write {_either(list(self._words))}"
        found = scalar(value, scope, self._noun, listing)
        if found.text not in self._words:
            near = did_you_mean(found.text, self._words)
            raise not_a(found, scope, self._noun, near or listing)
        return self._words[found.text]

    def schema(self) -> Schema:
        return or_reference({"enum": list(self._words)})


class Boolean:
    """`true` or `false`; YAML's other words for them are refused."""

    def read(self, value: Located, scope: Scope) -> bool:
        found = scalar(value, scope, "true or false")
        words = {"true": True, "false": False}
        if found.plain and found.text in words:
            return words[found.text]
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        word = meant.get(found.text.lower(), found.text.lower())
        mend = f"write {word}, without quotes" if word in words else "write true or false"
        raise not_a(found, scope, "true or false", mend)

    def schema(self) -> Schema:
        return or_reference({"type": "boolean"})


class Known:
    """A name of a sort the scope knows (`node`), or of another one; what it stands for."""

    def __init__(self, sort: str, mend: str = "", also: str = "") -> None:
        self._sort = sort
        self._also = also
        self._mend = mend or f"say it under {sort}s:"

    def read(self, value: Located, scope: Scope) -> tuple[str, ...]:
        found = scalar(value, scope, f"the name of a {self._sort}")
        known = scope.names.get(self._sort)
        if known is None:
            return (found.text,)
        also = scope.names.get(self._also, {})
        for names in (also, known):  # asked, not copied: what a name stands for may be dear
            if found.text in names:
                return names[found.text]
        sorts = f"{self._sort} or {self._also}" if also else self._sort
        what = f"there is no {sorts} {quote(found.text)}"
        if sort := self._sort_of(found.text, scope):
            what = f"{quote(found.text)} is a {sort}, and a {self._sort} belongs here"
        mend = did_you_mean(found.text, [*known, *also], f"the {self._sort}s are: ")
        raise refused(scope, found.span, what, mend or self._mend)

    def _sort_of(self, name: str, scope: Scope) -> str:
        """What the name is, where it is of another sort that could be taken for this one."""
        return "program" if name in scope.names.get("program", {}) else ""

    def schema(self) -> Schema:
        return TEXT_SCHEMA


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
