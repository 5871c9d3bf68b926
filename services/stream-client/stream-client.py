"""stream-client: connects to stream-server and prints what it says.

usage: stream-client [--family any|ipv4|ipv6] [--port PORT] HOSTNAME

  --family FAMILY   which of the host's addresses to try (default any)
  --port PORT       the port to connect to (default 3490)

The order of socket calls: getaddrinfo, socket, connect, recv, close. Every address of HOSTNAME is
tried in turn until one accepts. Exit status: 1 unknown host, 2 no address could be connected to.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

MAX_DATA = 100  # the guide's buffer; a C string needs one byte of it for its NUL


def main() -> None:
    line = CommandLine("usage: client hostname", __doc__, 1, family="any", port=3490)
    for candidate in getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_STREAM):
        with Attempt("client: socket"):
            connection = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("client: connect", closing=connection):
                connection.connect(candidate.address)
                break
    else:
        die("client: failed to connect", 2)
    printf("client: connecting to %s\n", candidate.text)
    with Required("recv"):
        data = connection.recv(MAX_DATA - 1)
    printf("client: received '%s'\n", data)
    connection.close()


if __name__ == "__main__":
    main()
