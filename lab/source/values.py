"""Plain values of Python as if a file held them, all at one place.

Law: what stands here as text is text; numbers and truth values are written as YAML's plain ones.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence as Listed

from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.span import Span


def located(value: object, span: Span) -> Located:
    """The value, every part of it at that place. Raises TypeError for what no file can hold."""
    match value:
        case None:
            return Scalar("", "", span)
        case bool():
            return Scalar("true" if value else "false", "", span)
        case int() | float():
            return Scalar(str(value), "", span)
        case str():
            return Scalar(value, '"', span)
        case Mapped():
            pairs = ((located(key, span), located(item, span)) for key, item in value.items())
            return Mapping(tuple(pairs), span)
        case bytes() | bytearray():
            raise TypeError(f"text belongs here, not {value!r}; (esc) lines stand for any bytes")
        case Listed():
            return Sequence(tuple(located(item, span) for item in value), span)
    raise TypeError(f"{value!r} is nothing a scenario could hold")
