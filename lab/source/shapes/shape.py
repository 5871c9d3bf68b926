"""What a shape is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from lab.source.excerpt import quote
from lab.source.located import Located, Scalar, describe
from lab.source.scope import Scope
from lab.source.shapes.advice import for_nothing, for_text
from lab.source.span import Span

T_co = TypeVar("T_co", covariant=True)

Schema = Mapping[str, object]


class Unreadable(Exception):  # noqa: N818 - already told as a diagnostic
    """The value cannot be read; the scope's problems say why."""


class Shape(Protocol[T_co]):
    """How a value is written."""

    def read(self, value: Located, scope: Scope) -> T_co:
        """The value. Raises Unreadable, having noted every reason."""
        ...

    def schema(self) -> Schema:
        """The JSON Schema (2020-12) of it."""
        ...


REFERENCE: Schema = {"type": "string", "pattern": r"\$\{"}  # a matrix may put a value there


def patterned(expression: str) -> Schema:
    """Text that this regular expression (ECMA-262) matches as a whole, or with a reference."""
    return {"type": "string", "pattern": rf"^(?:{expression})$|\$\{{"}


def or_reference(schema: Schema) -> Schema:
    """A value, or a reference to one."""
    return {"anyOf": [schema, REFERENCE]}


def refused(scope: Scope, span: Span, what: str, mend: str = "") -> Unreadable:
    """Note one problem; what to raise, giving up on the value."""
    scope.problems.add(span, what, mend)
    return Unreadable()


def scalar(value: Located, scope: Scope, noun: str, mend: str = "") -> Scalar:
    """The value as a scalar in which something is written; else Unreadable."""
    if not isinstance(value, Scalar):
        what = f"{noun} belongs here, not {describe(value)}"
        raise refused(scope, value.span, what, for_text(value, scope) or mend)
    if value.empty and value.text:
        what = f"{noun} belongs here, and {quote(value.text)} is YAML's word for nothing"
        raise refused(scope, value.span, what, "put it in quotes, if the word itself is meant")
    if value.empty:
        mend = for_nothing(value, scope) or mend
        raise refused(scope, value.span, f"{noun} belongs here, and nothing is written", mend)
    return value


def not_a(value: Scalar, scope: Scope, noun: str, mend: str) -> Unreadable:
    """Note text that is not what it should be; what to raise."""
    return refused(scope, value.span, f"{quote(value.text)} is not {noun}", mend)
