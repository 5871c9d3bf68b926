"""Whether anybody still reads what is written.

Law: a reader who has left is no error of ours: a pipe that was closed (EPIPE), or a terminal that
hung up (EIO; POLLHUP of poll(2) tells it from a bad disk).
"""

from __future__ import annotations

import errno
import select

_STANDARD = (1, 2)  # output and error


def has_left(error: BaseException) -> bool:
    """Whether this was raised because who read our output has gone."""
    if isinstance(error, BrokenPipeError):
        return True
    return isinstance(error, OSError) and error.errno == errno.EIO and any(map(_hung_up, _STANDARD))


def _hung_up(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, 0)  # hanging up is always told
    return any(happened & select.POLLHUP for _, happened in poll.poll(0))
