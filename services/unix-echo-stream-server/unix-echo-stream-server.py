"""unix-echo-stream-server: sends back all that its clients on this machine say, one after another.

usage: unix-echo-stream-server [--mode MODE] [--no-unlink] PATH

  PATH            the socket's path, or @NAME for an abstract name, which is no file
  --mode MODE     who may connect, as three octal digits like a file's (default 600: the same user)
  --no-unlink     do not remove a stale PATH: a restart then finds its address still in use

The order of socket calls: socket, umask, bind, unlink, listen, accept, getsockopt, recv, send,
close. It goes as over TCP, but the address is a path, and the kernel vouches for who the client is
(SO_PEERCRED). A path stays behind when its socket is closed: bind fails until somebody unlinks it.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket
import struct

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import perror, printf
from unixpaths import address, bind, read_mode

NAME = "unix-echo-stream-server"
BACKLOG = 10  # how many connections may wait to be accepted
MAX_DATA = 4096  # what one recv takes at most
CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user and group id


def open_listener(line: CommandLine) -> socket.socket:
    """The socket bound to PATH, listening."""
    name, mode = address(NAME, line.arguments[0]), read_mode(line)
    with Required("socket"):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with Required("bind"):
        bind(listener, name, mode, unlink=not line.switches["--no-unlink"])
    with Required("listen"):
        listener.listen(BACKLOG)
    return listener


def echo(connection: socket.socket) -> None:
    """Send back all of it, until the client hangs up."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    _, user, _ = CREDENTIALS.unpack(told)
    printf("unix-echo-stream-server: got connection from user id %d\n", user)
    try:
        while data := connection.recv(MAX_DATA):
            printf("unix-echo-stream-server: got %d bytes\n", len(data))
            connection.sendall(data)  # send() as often as it takes: each may take only a part
    except OSError as error:  # this client is gone; the next one is not
        perror(NAME, error)
    printf("unix-echo-stream-server: client hung up\n")


def main() -> None:
    line = CommandLine(
        "usage: unix-echo-stream-server PATH",
        __doc__,
        1,
        texts={"--mode": b"600"},
        switches=("--no-unlink",),
    )
    listener = open_listener(line)
    printf("unix-echo-stream-server: listening on %s\n", line.arguments[0])
    while True:
        with Required("accept"):
            connection, _ = listener.accept()
        echo(connection)
        connection.close()


if __name__ == "__main__":
    main()
