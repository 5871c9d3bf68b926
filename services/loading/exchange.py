"""One connection's messages, and what must come back; percentiles. Nothing here sends or waits."""

from __future__ import annotations

DIFFERS = "the echo differs from what was said"
SURPLUS = "more came back than was said"
CLOSED = "closed by the server"


class Exchange:
    """A connection's messages, said one after another, each checked byte by byte."""

    def __init__(self, number: int, messages: int, size: int) -> None:
        self.left = messages  # still to be said
        self.echoed = 0
        self._number = number
        self._size = size
        self._expected = b""

    def next(self) -> bytes:
        """The next message; from now on it is what must come back."""
        self._expected = message(self._number, self.left, self._size)
        self.left -= 1
        return self._expected

    @property
    def due(self) -> bool:
        """Is some of a message still to come back?"""
        return bool(self._expected)

    def take(self, data: bytes) -> str:
        """Take what recv gave. What is wrong with it; nothing, if it is what must come."""
        if not data:
            return CLOSED
        if not self._expected.startswith(data):
            return SURPLUS if data.startswith(self._expected) else DIFFERS
        self._expected = self._expected[len(data) :]
        self.echoed += not self._expected
        return ""


def message(connection: int, number: int, size: int) -> bytes:
    """`size` bytes; if there is room, no other message on any connection is the same."""
    word = b"%d.%d " % (connection, number)
    return (word * (size // len(word) + 1))[:size]


def percentile(ordered: list[float], percent: int) -> float:
    """The smallest value `percent` of them do not exceed (nearest rank); 0 if there is none."""
    if not ordered:
        return 0.0
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
