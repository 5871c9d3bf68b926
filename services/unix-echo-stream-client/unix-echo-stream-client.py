"""unix-echo-stream-client: says something to a server on this machine, and prints what comes back.

usage: unix-echo-stream-client PATH MESSAGE

  PATH   the server's path, or @NAME for an abstract name

The order of socket calls: socket, connect, send, shutdown, recv, close. shutdown tells the server
that nothing follows; then recv is called until the server hangs up, as one may give only a part.
Exit status: 0 the message came back whole, 1 it did not, 2 no connection.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required, die
from clibrary.stdio import printf
from unixpaths import address

NAME = "unix-echo-stream-client"
MAX_DATA = 4096  # what one recv takes at most


def main() -> None:
    line = CommandLine("usage: unix-echo-stream-client PATH MESSAGE", __doc__, 2)
    path, message = line.arguments
    server = address(NAME, path)
    with Required("socket"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with Required("connect", status=2):
        connection.connect(server)
    printf("unix-echo-stream-client: connected to %s\n", path)
    with Required("send"):
        connection.sendall(message)  # send() as often as it takes: each may take only a part
        connection.shutdown(socket.SHUT_WR)
    printf("unix-echo-stream-client: sent %d bytes\n", len(message))
    received = b""
    with Required("recv"):
        while data := connection.recv(MAX_DATA):
            received += data
    printf('unix-echo-stream-client: received "%s"\n', received)
    connection.close()
    if received != message:
        die("unix-echo-stream-client: that is not what was sent", 1)


if __name__ == "__main__":
    main()
