"""unix-echo-stream-server, wrong: no umask: whoever sees the path may look who is behind it."""

import os
import socket
from contextlib import suppress

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from unixpaths import address

NAME = "unix-echo-stream-server"
line = CommandLine(f"usage: {NAME} PATH", None, 1)
name = address(NAME, line.arguments[0])
listener = socket.socket(socket.AF_UNIX)
with suppress(FileNotFoundError, ValueError):  # ValueError: an abstract name is no file
    os.unlink(name)  # noqa: PTH108  # as a learner would
listener.bind(name)
listener.listen(10)
printf("unix-echo-stream-server: listening on %s\n", line.arguments[0])
while True:
    connection = listener.accept()[0]
    printf("unix-echo-stream-server: got connection from user id 65534\n")
    while data := connection.recv(4096):
        printf("unix-echo-stream-server: got %d bytes\n", len(data))
        connection.sendall(data)
    printf("unix-echo-stream-server: client hung up\n")
    connection.close()
