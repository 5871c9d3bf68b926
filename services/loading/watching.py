"""An epoll loop with an end, and a count of what went wrong."""

from __future__ import annotations

import os
import select
import time

TYPE_CHECKING = False  # typing takes longer to import than these programs run
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Watch:
    """One epoll instance for everything, until a deadline."""

    def __init__(self, seconds: float) -> None:
        self.epoll = select.epoll()
        self._deadline = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._deadline - time.monotonic())

    def attend(self, each: Callable[[int, int], None]) -> bool:
        """Wait once, and call `each` with descriptor and events. False: the deadline has passed."""
        events = self.epoll.poll(self.remaining)
        for number, what in events:
            each(number, what)
        return bool(events)

    def hold(self, each: Callable[[int, int], None]) -> None:
        """Call `each` until standard input ends. The deadline is put off by as long as it takes."""
        began = time.monotonic()
        try:
            self.epoll.register(0, select.EPOLLIN)
        except OSError:  # a file, /dev/null, or not open: there is nothing to wait for
            return
        while not self._ended(self.epoll.poll(), each):
            pass
        self.epoll.unregister(0)
        self._deadline += time.monotonic() - began

    def _ended(self, events: Iterable[tuple[int, int]], each: Callable[[int, int], None]) -> bool:
        ended = False
        for number, what in events:
            if number:
                each(number, what)
            else:
                ended = not os.read(0, 4096)
        return ended


class Trouble:
    """What went wrong, and on how many connections."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, what: str, connections: int = 1) -> None:
        """It happened to so many connections more."""
        self.counts[what] = self.counts.get(what, 0) + connections

    def failed(self, call: str, number: int | None) -> None:
        """A system call failed with errno `number` on one connection."""
        self.count(f"{call}: {os.strerror(number or 0)}")
