"""Time, as far as a run needs it."""

from typing import Protocol


class Clock(Protocol):
    """Monotonic time, in seconds."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        ...
