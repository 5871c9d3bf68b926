"""stream-server, wrong: it forks, and never waits for a child: each stays a zombie."""

import os

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
