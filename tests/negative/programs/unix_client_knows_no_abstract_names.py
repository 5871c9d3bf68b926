"""unix-echo-stream-client, wrong: an abstract name is taken for a path, and @echo for a file."""

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf

path, message = CommandLine("usage: unix-echo-stream-client PATH MESSAGE", None, 2).arguments
connection = socket.socket(socket.AF_UNIX)
with Required("connect", status=2):
    connection.connect(path)
printf("unix-echo-stream-client: connected to %s\n", path)
connection.sendall(message)
connection.shutdown(socket.SHUT_WR)
printf("unix-echo-stream-client: sent %d bytes\n", len(message))
received = b"".join(iter(lambda: connection.recv(4096), b""))
printf('unix-echo-stream-client: received "%s"\n', received)
