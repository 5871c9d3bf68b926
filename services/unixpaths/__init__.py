"""Names of Unix domain sockets: a path in the file system, or @NAME, an abstract one.

A path is limited to 107 bytes (sun_path holds 108, a C string ends with a NUL), stays when its
socket is closed, and is guarded like a file: to connect, one must be allowed to write to it. An
abstract name is no file: it is gone with its socket, and whoever is on the same machine (in the
same network namespace) may use it. unix(7).
"""

from __future__ import annotations

import errno
import os
import socket
import stat

from clibrary.arguments import CommandLine
from clibrary.failure import die

MAX_PATH = 107


def address(program: str, path: bytes) -> bytes:
    """What to bind or connect to for a PATH of the command line; a wrong one ends the program."""
    if not path:
        die(f"{program}: PATH is empty", 1)
    if len(path) > MAX_PATH:
        die(f"{program}: PATH is {len(path)} bytes long, a socket's may have {MAX_PATH}", 1)
    return b"\0" + path[1:] if path.startswith(b"@") else path


def read_mode(line: CommandLine) -> int:
    """--mode as a number; wrong usage ends the program."""
    text = line.texts["--mode"]
    if len(text) != 3 or not all(0x30 <= digit < 0x38 for digit in text):
        line.wrong(f"--mode takes three octal digits like 600, not '{os.fsdecode(text)}'")
    return int(text, 8)


def bind(bound: socket.socket, name: bytes, mode: int, *, unlink: bool) -> None:
    """Bind to `name`; a path nobody uses any more is removed first, if `unlink`. Raises OSError.

    The path must never have been open to more users than `mode` says: not for a moment. So the
    process's umask is set, instead of the path's mode afterwards.
    """
    before = os.umask(0o777 & ~mode)
    try:
        bound.bind(name)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or not unlink or not stale(name):
            raise
        os.unlink(name)
        bound.bind(name)
    finally:
        os.umask(before)


def stale(name: bytes) -> bool:
    """Is it the path of a socket that has been closed? Nobody who still listens notices the test.

    connect() as a datagram socket: refused if the socket is gone, EPROTOTYPE if it is a stream
    socket, and if it is a datagram socket, nothing is sent. What is no socket is never stale.
    """
    if name.startswith(b"\0") or not stat.S_ISSOCK(os.lstat(name).st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex(name) == errno.ECONNREFUSED
