"""Shapes: how a value is written. One description both reads it and gives its JSON Schema.

Law: a shape that cannot read a value says why, at its place, and raises Unreadable; a shape
made of others reads all of them before it does, so that one reading tells everything.
"""

from lab.source.shapes.collections import ByForm, ListOf, MapOf, OneOrMany
from lab.source.shapes.record import Field, Read, Record
from lab.source.shapes.scalars import (
    Boolean,
    Choice,
    Integer,
    Known,
    Number,
    Parsed,
    TemplateText,
    Text,
)
from lab.source.shapes.shape import Schema, Shape, Unreadable, or_reference, patterned, refused

__all__ = [
    "Boolean",
    "ByForm",
    "Choice",
    "Field",
    "Integer",
    "Known",
    "ListOf",
    "MapOf",
    "Number",
    "OneOrMany",
    "Parsed",
    "Read",
    "Record",
    "Schema",
    "Shape",
    "TemplateText",
    "Text",
    "Unreadable",
    "or_reference",
    "patterned",
    "refused",
]
