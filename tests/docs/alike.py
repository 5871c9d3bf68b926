"""Whether what was seen is what a page shows.

Law: line by line the same, but for `...`, which stands for any lines; for spaces, of which several
are as good as one; and for what differs from run to run. A time is as good as any other. An
address, a port of the kernel's choice, a record's name or a digest may be another one: but the same
on the page is the same in the run, and two on the page are two in the run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

ELISION = "..."
_VARYING = re.compile(
    r"(?P<time>\b\d+(?:\.\d+)? ?(?:s|ms)\b)"
    r"|(?P<address>\b198\.1[89]\.\d+\.\d+\b|\bfd[0-9a-f]{2}(?::{1,2}[0-9a-f]{1,4})+\b(?:::)?)"
    r"|(?P<port>(?<=[\d\]]):(?:3[2-9]|[45]\d|6[0-5])\d{3}\b)"
    r"|(?P<run>\b\d{8}-\d{6}-\d{3}-[0-9a-f]{4}\b)"
    r"|(?P<digest>\b(?:[0-9a-f]{12}|[0-9a-f]{64})\b)"
)

Names = Mapping[str, str]  # what stands on the page -> what it was in the run


def alike(shown: Sequence[str], seen: Sequence[str], names: Names) -> Names | None:
    """The names, with those that these lines add; None where they are not alike."""
    if not shown:
        return None if seen else names
    if shown[0].strip() == ELISION:
        rests = (alike(shown[1:], seen[count:], names) for count in range(len(seen) + 1))
        return next((found for found in rests if found is not None), None)
    known = _line(shown[0], seen[0], names) if seen else None
    return None if known is None else alike(shown[1:], seen[1:], known)


def _line(shown: str, seen: str, names: Names) -> Names | None:
    if _plain(shown) != _plain(seen):
        return None
    pairs = zip(_VARYING.finditer(shown), _VARYING.finditer(seen), strict=True)
    for ours, theirs in pairs:
        if ours.lastgroup == "time":
            continue
        known = names.get(ours[0])
        if known is None and theirs[0] not in names.values():
            names = {**names, ours[0]: theirs[0]}
        elif known != theirs[0]:
            return None
    return names


def _plain(line: str) -> str:
    """The line with the kind of each thing that varies in its place."""
    kinds = _VARYING.sub(lambda found: f"<{found.lastgroup}>", line)
    return re.sub(r"\s+", " ", kinds).rstrip()
