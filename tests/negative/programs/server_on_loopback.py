"""stream-server, wrong: AI_PASSIVE is forgotten, so it serves its own machine alone."""

import os
import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: stream-server", None, family="ipv4", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
address = getaddrinfo(None, line.port, line.family, socket.SOCK_STREAM)[0].address
listener = socket.socket(line.family, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(address)
listener.listen(10)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
