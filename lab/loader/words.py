"""Names a user may choose, and what is wrong with one: an empty answer means nothing is."""

from __future__ import annotations

import re

_PART = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*"
IMAGE_REFERENCE = (
    rf"(?:(?:[A-Za-z0-9.-]+[.:][A-Za-z0-9.:-]*|localhost)/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?|sha256:[0-9a-f]{12,64}"
)
VARIABLE = "[A-Za-z_][A-Za-z0-9_]*"


def image_fault(text: str) -> str:
    """An image's reference."""
    if len(text) <= 512 and re.fullmatch(IMAGE_REFERENCE, text):
        return ""
    return "write name:tag, in lower case, as in my/server:1"


def variable_fault(text: str) -> str:
    """An environment variable's name."""
    return "" if re.fullmatch(VARIABLE, text) else "write letters, digits and _, no digit first"


def intent_fault(text: str) -> str:
    """The one sentence that says what must be."""
    if re.search(r"\bmust\b", text):
        return ""
    return "say in a sentence what this scenario shows: a datagram must arrive whole"
