"""unix-echo-stream-server, wrong: the path of a server that is gone is not removed before bind."""

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf
from unixpaths import address, bind, read_mode

NAME = "unix-echo-stream-server"
line = CommandLine(f"usage: {NAME} PATH", None, 1, texts={"--mode": b"600"})
listener = socket.socket(socket.AF_UNIX)
with Required("bind"):
    bind(listener, address(NAME, line.arguments[0]), read_mode(line), unlink=False)
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
