"""SIGTERM as something to read, so that a loop that waits for descriptors can wait for it too.

A handler alone would come too late or too early: between the last look at a flag and the system
call that waits there is a gap, and a signal that falls into it is noticed by nobody. A byte in a
pipe waits for its reader (the self-pipe trick; select(2), BUGS).
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # typing takes longer to import than these programs run
if TYPE_CHECKING:
    from types import FrameType


def termination() -> int:
    """A descriptor that can be read once SIGTERM has come."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, _noted)
    return reader


def _noted(number: int, frame: FrameType | None) -> None:
    """Nothing more to do: the interpreter has written the byte. It needs a handler for that."""
