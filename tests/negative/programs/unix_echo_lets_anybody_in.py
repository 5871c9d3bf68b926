"""unix-echo-stream-server, wrong: no umask: whoever sees the path may look who is behind it."""

import os
import socket
from contextlib import suppress

from clibrary.arguments import CommandLine
from parts.pathecho import serve
from unixpaths import address

NAME = "unix-echo-stream-server"
line = CommandLine(f"usage: {NAME} PATH", None, 1)
name = address(NAME, line.arguments[0])
listener = socket.socket(socket.AF_UNIX)
with suppress(FileNotFoundError, ValueError):  # ValueError: an abstract name is no file
    os.unlink(name)  # noqa: PTH108  # as a learner would
listener.bind(name)
serve(listener, line.arguments[0])
