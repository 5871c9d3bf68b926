"""stream-server, wrong: SIGCHLD interrupts accept, and accept's EINTR ends the server."""

import os
import signal

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf
from sockethelpers import create_listening_socket


def reap(number: int, frame: object) -> None:
    """As in C without SA_RESTART: the handler's return lets accept fail."""
    os.waitpid(-1, os.WNOHANG)
    raise InterruptedError(4, "Interrupted system call")


line = CommandLine("usage: stream-server", None, family="any", port=3490)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("server: waiting for connections...\n")
signal.signal(signal.SIGCHLD, reap)
while True:
    with Required("accept"):
        connection, peer = listener.accept()
        printf("server: got connection from %s\n", peer[0])
        if os.fork() == 0:
            connection.send(b"Hello, world!")
            os._exit(0)
        connection.close()
