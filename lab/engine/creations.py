"""The engine's word of what it makes: a reason to look again.

Law: nothing made after now() was asked is missed; the engine ends the stream, in its own time.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Iterator

from docker import APIClient


def now(client: APIClient) -> int:
    """The engine's own clock, in seconds since 1970; not later than it is."""
    answer = client.get(f"{client.base_url}/_ping")
    return int(email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp())


def creations(client: APIClient, since: int, asked: float, seconds: float) -> Iterator[object]:
    """One item for each thing made since then, for so many seconds; and a last.

    `asked`: when `since` was found out, on the monotonic clock.
    """
    passed = time.monotonic() - asked
    told = {"type": ["container", "network", "volume"], "event": "create"}
    yield from client.events(
        since=since, until=int(since + passed + seconds) + 1, filters=told, decode=True
    )
    yield "the last look"
