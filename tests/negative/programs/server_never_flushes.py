"""stream-server, wrong: its stdout has a full buffer (setvbuf, _IOFBF), and nothing flushes it."""

import os
import signal

from clibrary.arguments import CommandLine
from sockethelpers import create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
stdout = open(1, "wb", buffering=1 << 16, closefd=False)  # noqa: SIM115  # as long as it runs
listener = create_listening_socket(line.port, 10, family=line.family)
stdout.write(b"server: waiting for connections...\n")
while True:
    connection, peer = listener.accept()
    stdout.write(b"server: got connection from %b\n" % peer[0].encode())
    if os.fork() == 0:
        connection.send(b"Hello, world!")
        os._exit(0)
    connection.close()
