"""How many descriptors the process may have open: a server of many clients needs one for each.

A process starts with the soft limit, often 1024; it may raise it to the hard limit itself, and only
root may raise that (getrlimit(2)).
"""

from __future__ import annotations

import resource


def raise_limit() -> int:
    """Raise the soft limit on open descriptors to the hard one; the limit there is now."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def missing(program: str, limit: int) -> str:
    """What to tell somebody whose `program` has run out of descriptors."""
    return (
        f"{program}: the hard limit of {limit} open descriptors is reached; "
        "who comes now waits (ulimit -Hn shows the limit, root may raise it)"
    )
