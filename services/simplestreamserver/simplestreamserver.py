"""simplestreamserver: serves one client, sending back all it says, then ends.

usage: simplestreamserver [--family any|ipv4|ipv6] [--port PORT] [--no-reuseaddr]

  --family FAMILY   which addresses to serve (default ipv4)
  --port PORT       the port to listen on (default 3490)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, accept, recv, send, close.
The listening socket is closed once the one client is there: whoever comes second is refused.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

BACKLOG = 10  # how many connections may wait to be accepted
MAX_DATA = 4096  # what one recv takes at most


def open_listener(line: CommandLine) -> socket.socket:
    """The first candidate that can be bound, listening."""
    flags = socket.AI_PASSIVE  # the address of no host: of this one, any
    for candidate in getaddrinfo(None, line.port, line.family, socket.SOCK_STREAM, flags):
        where = f"{candidate.text}:{line.port}"
        printf("[server] trying to open a listening socket to %s ...\n", where)
        with Attempt("socket"):
            listener = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            if line.reuseaddr:
                with Required("setsockopt"):
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with Attempt("bind", closing=listener):
                listener.bind(candidate.address)
                printf("[server] successfully opened a listening socket to %s\n", where)
                break
            continue
        printf("[server] opening a listening socket for %s failed\n", candidate.text)
    else:
        sys.exit(1)
    with Required("listen"):
        listener.listen(BACKLOG)
    return listener


def echo(connection: socket.socket, address: str) -> None:
    """Send back every message, until the client hangs up."""
    while True:
        printf("[server] waiting for message from client %s\n", address)
        with Required("recv"):
            data = connection.recv(MAX_DATA)
        if not data:
            break
        printf("[server] received message from client %s: %s\n", address, data)
        with Required("send"):
            connection.sendall(data)  # send() as often as it takes: each may take only a part
    printf("[server] client %s hung up\n", address)


def main() -> None:
    usage = "usage: simplestreamserver"
    line = CommandLine(usage, __doc__, family="ipv4", port=3490, reuseaddr=True)
    listener = open_listener(line)
    with Required("accept"):
        connection, peer = listener.accept()
    listener.close()
    printf("[server] got conncetion from %s\n", peer[0])
    echo(connection, peer[0])
    connection.close()


if __name__ == "__main__":
    main()
