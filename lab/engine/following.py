"""The engine's events, each a reason to look again at what one waits for.

Law: nothing that happens from `since` on is missed; the engine ends the stream, in its own time;
a last look comes after it.
"""

from __future__ import annotations

import email.utils
from collections.abc import Iterator, Mapping
from typing import Any

from docker import APIClient

Told = Mapping[str, Any]  # which events, as filters of GET /events


def now(client: APIClient) -> int:
    """The engine's own clock, in seconds since 1970; not later than it is."""
    return dated(client.get(f"{client.base_url}/_ping"))


def dated(answer: Any) -> int:
    """When the engine gave this answer, by the same clock."""
    return int(email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp())


def looks(client: APIClient, told: Told, *, since: int, until: int) -> Iterator[object]:
    """One item for each such event between the two moments of the engine's clock, and a last."""
    yield from client.events(since=since, until=until, filters=dict(told), decode=True)
    yield "the last look"
