"""stream-server, wrong: SO_REUSEADDR is set once bind is over, where it helps nobody."""

import os
import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(line.family or socket.AF_INET, socket.SOCK_STREAM)
with Required("server: bind"):
    listener.bind(("", line.port))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.listen(10)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
