"""stream-server, wrong: the NUL that ends a C string is sent, too: sizeof greeting bytes."""

import os
import signal

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!\0")
        os._exit(0)
    connection.close()
