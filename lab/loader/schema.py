"""The JSON Schema of scenario files, made of the very shapes that read them."""

from __future__ import annotations

from lab.kinds.reading import definitions
from lab.loader.fields import FILE
from lab.source.shapes import Schema


def schema() -> Schema:
    """As JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Socket Lab scenario",
        **FILE.schema(),
        "$defs": definitions(),
    }
