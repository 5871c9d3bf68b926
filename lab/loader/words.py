"""Names a user may choose, and what is wrong with one: an empty answer means nothing is."""

from __future__ import annotations

import re

LONGEST_LABEL = 63  # bytes: RFC 1035, section 2.3.4

LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_PART = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*"
IMAGE_REFERENCE = (
    rf"(?:(?:[A-Za-z0-9.-]+[.:][A-Za-z0-9.:-]*|localhost)/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?|sha256:[0-9a-f]{12,64}"
)
VARIABLE = "[A-Za-z_][A-Za-z0-9_]*"


def label_fault(text: str) -> str:
    """A host name's label (RFC 1123), lower case, as other nodes look it up."""
    if len(text) > LONGEST_LABEL:
        return f"a name has at most {LONGEST_LABEL} characters; this one has {len(text)}"
    if re.fullmatch(LABEL, text):
        return ""
    mended = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_LABEL]
    advice = "lower-case letters, digits and hyphens, no hyphen first or last"
    return f"write {mended}: {advice}" if mended else f"write {advice}"


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
