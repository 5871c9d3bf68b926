"""Shapes made of one other shape, or of one for each form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, Sequence, describe
from lab.source.scope import Scope
from lab.source.shapes.advice import for_list, for_mapping
from lab.source.shapes.shape import Schema, Shape, Unreadable, refused

K = TypeVar("K")
T = TypeVar("T")


class ListOf(Generic[T]):
    """A list; `at_least` items."""

    def __init__(self, item: Shape[T], noun: str = "a list", at_least: int = 0) -> None:
        self._item = item
        self._noun = noun
        self._at_least = at_least

    def read(self, value: Located, scope: Scope) -> tuple[T, ...]:
        if not isinstance(value, Sequence):
            what = f"{self._noun} belongs here, not {describe(value)}"
            raise refused(scope, value.span, what, for_list(value))
        if len(value.items) < self._at_least:
            raise refused(
                scope,
                value.span,
                "the list is empty",
                "write an item in it, or leave the key out",
            )
        return read_all(self._item, value.items, scope)

    def schema(self) -> Schema:
        return {"type": "array", "items": self._item.schema(), "minItems": self._at_least}


class OneOrMany(Generic[T]):
    """One item as it is, or a list of at least one."""

    def __init__(self, item: Shape[T], noun: str = "a list") -> None:
        self._item = item
        self._many = ListOf(item, noun, at_least=1)

    def read(self, value: Located, scope: Scope) -> tuple[T, ...]:
        if isinstance(value, Sequence):
            return self._many.read(value, scope)
        return (self._item.read(value, scope),)

    def schema(self) -> Schema:
        return {"anyOf": [self._item.schema(), self._many.schema()]}


class MapOf(Generic[K, T]):
    """A mapping whose keys are the user's own names; pairs in order, with the key as written."""

    def __init__(
        self, key: Shape[K], value: Shape[T], noun: str = "a mapping", at_least: int = 0
    ) -> None:
        """`at_least`: how many pairs the JSON Schema asks for; whoever reads it says so too."""
        self._key = key
        self._value = value
        self._noun = noun
        self._at_least = at_least

    def read(self, value: Located, scope: Scope) -> tuple[tuple[Scalar, K, T], ...]:
        found: list[tuple[Scalar, K, T]] = []
        complete = True
        for key, item in entries(value, scope, self._noun):
            name = attempt(self._key, key, scope)
            content = attempt(self._value, item, scope)
            if name is None or content is None:
                complete = False
            else:
                found.append((key, name[0], content[0]))
        if not complete:
            raise Unreadable
        return tuple(found)

    def schema(self) -> Schema:
        names = {"pattern": found} if (found := self._key.schema().get("pattern")) else True
        return {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": self._value.schema(),
            "minProperties": self._at_least,
        }


class ByForm(Generic[T]):
    """A shape for each form the value may have; those not given are refused."""

    def __init__(
        self,
        noun: str,
        mend: str,
        *,
        scalar: Shape[T] | None = None,
        sequence: Shape[T] | None = None,
        mapping: Shape[T] | None = None,
    ) -> None:
        self._noun = noun
        self._mend = mend
        self._forms: tuple[tuple[type, Shape[T]], ...] = tuple(
            (form, shape)
            for form, shape in ((Scalar, scalar), (Sequence, sequence), (Mapping, mapping))
            if shape is not None
        )

    def read(self, value: Located, scope: Scope) -> T:
        for form, shape in self._forms:
            if isinstance(value, form):
                return shape.read(value, scope)
        raise refused(
            scope, value.span, f"{self._noun} belongs here, not {describe(value)}", self._mend
        )

    def schema(self) -> Schema:
        return {"anyOf": [shape.schema() for _, shape in self._forms]}


def attempt(shape: Shape[T], value: Located, scope: Scope) -> tuple[T] | None:
    """The value, wrapped; None when it is Unreadable, so that others can still be read."""
    try:
        return (shape.read(value, scope),)
    except Unreadable:
        return None


def read_all(shape: Shape[T], values: tuple[Located, ...], scope: Scope) -> tuple[T, ...]:
    """All values; Unreadable only after every one was tried."""
    found = [attempt(shape, value, scope) for value in values]
    if None in found:
        raise Unreadable
    return tuple(one[0] for one in found if one is not None)


def entries(value: Located, scope: Scope, noun: str) -> Iterator[tuple[Scalar, Located]]:
    """The pairs of a mapping: keys are text, none is written twice, none merges."""
    if not isinstance(value, Mapping):
        mend = "write each name, a colon and what belongs to it, one a line, indented"
        what = f"{noun} belongs here, not {describe(value)}"
        raise refused(scope, value.span, what, for_mapping(value) or mend)
    first: dict[str, int] = {}
    for key, item in value.pairs:
        if not isinstance(key, Scalar):
            mend = "text with ${...} or { in it must stand in quotes"
            scope.problems.add(key.span, f"a key is text, not {describe(key)}", mend)
        elif key.text == "<<" and key.plain:
            what = "merge keys (<<) have no meaning here"
            scope.problems.add(key.span, what, "write the keys out")
        elif key.text in first:
            what = f"{quote(key.text)} is written twice"
            scope.problems.add(key.span, what, f"line {first[key.text]} has it already: keep one")
        else:
            first[key.text] = key.span.line
            yield key, item
