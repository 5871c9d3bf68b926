"""stream-server, wrong: what bind returns is not looked at, and listen then picks a port itself."""

import contextlib
import os
import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(line.family or socket.AF_INET, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
with contextlib.suppress(OSError):
    listener.bind(("", line.port))
listener.listen(10)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
