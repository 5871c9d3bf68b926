"""unix-echo-stream-client, wrong: no shutdown, so the server waits for more, and the client too."""

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf
from unixpaths import address

path, message = CommandLine("usage: unix-echo-stream-client PATH MESSAGE", None, 2).arguments
connection = socket.socket(socket.AF_UNIX)
with Required("connect", status=2):
    connection.connect(address("unix-echo-stream-client", path))
printf("unix-echo-stream-client: connected to %s\n", path)
connection.sendall(message)
printf("unix-echo-stream-client: sent %d bytes\n", len(message))
received = b""
while data := connection.recv(4096):
    received += data
printf('unix-echo-stream-client: received "%s"\n', received)
