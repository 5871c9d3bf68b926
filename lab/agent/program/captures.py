"""Reads all captures before the kernel runs out of room for them.

Law: costs nothing while nothing is captured and nothing crosses. Packets wait in the kernel, each
with its time; they are read a handful of times in 100 ms at most, and never for so long that a
question waits.
"""

import select
import time

from .capture import Capture

PAUSE = 0.01  # seconds between readings
_TURN = 0.004  # seconds a reading may take
_HANDFUL = 200  # packets read of one capture before the next has its turn


class Captures:
    """The captures there are."""

    def __init__(self) -> None:
        self._ready = select.epoll()
        self._captures: dict[int, Capture] = {}
        self._due = 0.0

    def add(self, capture: Capture) -> None:
        """Read this one too."""
        self._captures[capture.fileno()] = capture
        self._ready.register(capture.fileno(), select.EPOLLIN)

    def remove(self, capture: Capture) -> None:
        """Read it no more."""
        del self._captures[capture.fileno()]
        self._ready.unregister(capture.fileno())

    def sources(self) -> list[int]:
        """What to wait for until the next reading: nothing, when that is not due yet."""
        return [] if not self._captures or self.pause() else [self._ready.fileno()]

    def pause(self) -> float | None:
        """Seconds until there may be a next reading; None: whenever there is something to read."""
        left = self._due - time.monotonic()
        return left if self._captures and left > 0 else None

    def drain(self) -> None:
        """Read, if it is time to."""
        if not self._captures or self.pause():
            return
        until = time.monotonic() + _TURN
        ready = [self._captures[number] for number, _ in self._ready.poll(0)]
        while ready and time.monotonic() < until:
            ready = [capture for capture in ready if not capture.drain(_HANDFUL)]
        self._due = 0.0 if ready else time.monotonic() + PAUSE
