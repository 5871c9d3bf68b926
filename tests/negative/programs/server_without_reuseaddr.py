"""stream-server, wrong: SO_REUSEADDR is left out, so it cannot be started again at once."""

import os
import signal

from clibrary.arguments import CommandLine
from clibrary.failure import die
from clibrary.stdio import complain, printf
from sockethelpers import ListeningError, create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
try:
    listener = create_listening_socket(line.port, 10, family=line.family, reuseaddr=False)
except ListeningError as error:
    complain(f"server: {error.call}: {error.strerror}")
    die("server: failed to bind", 1)
printf("server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    printf("server: got connection from %s\n", peer[0])
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
