"""Names a user gives to nodes, networks, shares and programs."""

from __future__ import annotations

import re

LONGEST_LABEL = 63  # bytes: RFC 1035, section 2.3.4
LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"  # a regular expression


def label_fault(text: str) -> str:
    """What is wrong with a host name's label (RFC 1123), lower case; nothing, mostly."""
    if len(text) > LONGEST_LABEL:
        return f"a name has at most {LONGEST_LABEL} characters; this one has {len(text)}"
    if re.fullmatch(LABEL, text):
        return ""
    mended = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_LABEL]
    advice = "lower-case letters, digits and hyphens, no hyphen first or last"
    return f"write {mended}: {advice}" if mended else f"write {advice}"
