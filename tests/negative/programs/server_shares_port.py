"""stream-server, wrong: SO_REUSEPORT for SO_REUSEADDR, so a second one binds the same port."""

import os
import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
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
