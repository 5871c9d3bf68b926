"""unix-echo-stream-server, wrong: it says it serves one after another, and forks for each."""

import os
import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

NAME = "unix-echo-stream-server"
line = CommandLine("usage: unix-echo-stream-server PATH", None, 1)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind(line.arguments[0])
listener.listen(10)
printf("%s: listening on %s\n", NAME, line.arguments[0])
while True:
    connection = listener.accept()[0]
    printf("%s: got connection from user id %d\n", NAME, os.getuid())
    if os.fork() == 0:
        while data := connection.recv(4096):
            printf("%s: got %d bytes\n", NAME, len(data))
            connection.sendall(data)
        printf("%s: client hung up\n", NAME)
        os._exit(0)
    connection.close()
