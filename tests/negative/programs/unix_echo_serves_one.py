"""unix-echo-stream-server, wrong: accept stands before the loop, so one client is all it serves."""

import os
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

NAME = "unix-echo-stream-server"
line = CommandLine("usage: unix-echo-stream-server PATH", None, 1)
listener = socket.socket(socket.AF_UNIX)
listener.bind(line.arguments[0])
listener.listen(10)
printf("%s: listening on %s\n", NAME, line.arguments[0])
connection = listener.accept()[0]
printf("%s: got connection from user id %d\n", NAME, os.getuid())
while data := connection.recv(4096):
    printf("%s: got %d bytes\n", NAME, len(data))
    connection.sendall(data)
printf("%s: client hung up\n", NAME)
