"""printf, perror and friends: bytes out at once, never decoded, never failing.

As in C, output that cannot be written is lost without a word, except that a pipe nobody reads
ends the program by SIGPIPE. Unlike C, every call writes at once, whatever stdout is.
"""

from __future__ import annotations

import os
import sys

STDOUT = 1
STDERR = 2

# A stream closed before the program began leaves its number to the first socket: never write there.
_OPEN = {STDOUT: sys.stdout is not None, STDERR: sys.stderr is not None}


def write_all(fd: int, data: bytes) -> None:
    """Write `data` whole to STDOUT or STDERR."""
    if not _OPEN[fd]:
        return
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError:
        return


def string(data: str | bytes) -> bytes:
    """What C takes for the string in `data`: all before the first NUL."""
    return os.fsencode(data).partition(b"\0")[0]


def printf(template: str, *values: str | bytes | int) -> None:
    """Print on stdout; `template` knows %s (a string, ending at its first NUL) and %d."""
    printed = tuple(value if isinstance(value, int) else string(value) for value in values)
    write_all(STDOUT, template.encode() % printed)


def complain(message: str) -> None:
    """Print `message` and a newline on stderr."""
    write_all(STDERR, os.fsencode(message) + b"\n")


def perror(prefix: str, error: OSError) -> None:
    """Say on stderr which call failed and why, in the C library's words."""
    complain(f"{prefix}: {os.strerror(error.errno or 0)}")
