"""unix-echo-stream-server, wrong: the path of a server that is gone is not removed before bind."""

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from parts.pathecho import serve
from unixpaths import address, bind, read_mode

NAME = "unix-echo-stream-server"
line = CommandLine(f"usage: {NAME} PATH", None, 1, texts={"--mode": b"600"})
listener = socket.socket(socket.AF_UNIX)
with Required("bind"):
    bind(listener, address(NAME, line.arguments[0]), read_mode(line), unlink=False)
serve(listener, line.arguments[0])
