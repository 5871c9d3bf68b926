"""A mapping with known keys. A Field is both its description and the key to what was read."""

from __future__ import annotations

from collections.abc import Mapping as Words
from typing import Any, Generic, TypeVar

from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, describe
from lab.source.scope import Scope, did_you_mean, nearest
from lab.source.shapes.advice import for_mapping
from lab.source.shapes.collections import attempt, entries
from lab.source.shapes.shape import Schema, Shape, Unreadable, refused

T = TypeVar("T")


class Field(Generic[T]):
    """One key of a record; `doc` is its line in the reference."""

    def __init__(self, name: str, shape: Shape[T], doc: str, *, required: bool = False) -> None:
        self.name = name
        self.shape = shape
        self.doc = doc
        self.required = required


class Read:
    """What a record held."""

    def __init__(self, span_of: Located) -> None:
        self.span = span_of.span
        self._values: dict[str, object] = {}
        self._keys: dict[str, Scalar] = {}
        self._located: dict[str, Located] = {}

    def put(self, key: Scalar, located: Located, value: object) -> None:
        """One field, as it was read."""
        self._values[key.text] = value
        self._keys[key.text] = key
        self._located[key.text] = located

    def __contains__(self, field: Field[T]) -> bool:
        return field.name in self._values

    def __getitem__(self, field: Field[T]) -> T:
        """The value of a field that is there (a required one always is)."""
        value: T = self._values[field.name]  # type: ignore[assignment]  # put there by its shape
        return value

    def get(self, field: Field[T], default: T) -> T:
        """The value of a field, or the default where it was not written."""
        value = self.find(field)
        return default if value is None else value

    def find(self, field: Field[T]) -> T | None:
        """The value of a field, or None where it was not written."""
        value: T | None = self._values.get(field.name)  # type: ignore[assignment]  # as above
        return value

    def key(self, field: Field[T]) -> Scalar:
        """The key as written."""
        return self._keys[field.name]

    def located(self, field: Field[T]) -> Located:
        """The value as written."""
        return self._located[field.name]


class Record:
    """A mapping with known keys; `noun` names it in messages: `a node`.

    `also` is what the JSON Schema says besides: which keys go together. Whoever reads the record
    checks that, and says what to write. `hints` are words that people write here though they
    are no keys, and what to say of each.
    """

    def __init__(
        self,
        noun: str,
        *fields: Field[Any],
        also: Schema | None = None,
        hints: Words[str, str] | None = None,
    ) -> None:
        self._noun = noun
        self._also = also or {}
        self._hints = hints or {}
        self.fields = {field.name: field for field in fields}

    def read(self, value: Located, scope: Scope) -> Read:
        if not isinstance(value, Mapping):
            what = f"{self._noun} is a mapping, not {describe(value)}"
            keys = f"its keys are: {', '.join(self.fields)}"
            raise refused(scope, value.span, what, for_mapping(value) or keys)
        read = Read(value)
        before = len(scope.problems)
        seen: set[str] = set()
        for key, item in entries(value, scope, self._noun):
            seen.add(nearest(key.text, self.fields))  # what is meant is not missing too
            self._read_field(read, key, item, scope)
        for field in self.fields.values():
            if field.required and field.name not in seen:
                what = f"{self._noun} needs {quote(field.name)}"
                scope.problems.add(value.span, what, f"{field.name}: {field.doc}")
        if len(scope.problems) > before:
            raise Unreadable
        return read

    def _read_field(self, read: Read, key: Scalar, item: Located, scope: Scope) -> None:
        field = self.fields.get(key.text)
        if field is None:
            what = f"{self._noun} has no key {quote(key.text)}"
            hint = self._hints.get(key.text.lower())
            near = hint or did_you_mean(key.text, self.fields, "its keys are: ")
            scope.problems.add(key.span, what, near)
            return
        content = attempt(field.shape, item, scope)
        if content is not None:
            read.put(key, item, content[0])

    def schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {
                name: {**field.shape.schema(), "description": field.doc}
                for name, field in self.fields.items()
            },
            "required": [name for name, field in self.fields.items() if field.required],
            "additionalProperties": False,
            **self._also,
        }
