"""connected-talker: sends one datagram on a connected socket and waits a while for an answer.

usage: connected-talker [--family any|ipv4|ipv6] [--port PORT] [--wait SECONDS] HOSTNAME MESSAGE

  --family FAMILY   which of the host's addresses to send to (default ipv6)
  --port PORT       the port to send to (default 4950)
  --wait SECONDS    how long to wait for an answer (default 1)

The order of socket calls: getaddrinfo, socket, connect, send, recv, close. No connection is made:
connect only says who the peer is. From then on the socket hears nobody else, and is told when the
peer's machine answers that nobody listens there, which an unconnected socket never learns.
Exit status: 0 answered or silent, 1 unknown host, not sent or refused, 2 no socket.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

MAX_DATA = 100  # the guide's buffer; a C string needs one byte of it for its NUL


def open_talker(line: CommandLine) -> socket.socket:
    """The first candidate that can be connected."""
    for candidate in getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_DGRAM):
        with Attempt("connected-talker: socket"):
            talker = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("connected-talker: connect", closing=talker):
                talker.connect(candidate.address)
                break
    else:
        die("connected-talker: failed to create socket", 2)
    return talker


def main() -> None:
    usage = "usage: connected-talker hostname message"
    line = CommandLine(usage, __doc__, 2, family="ipv6", port=4950, wait=1)
    hostname, message = line.arguments
    talker = open_talker(line)
    with Required("connected-talker: send"):
        sent = talker.send(message)
    printf("connected-talker: sent %d bytes to %s\n", sent, hostname)
    answered, _, _ = select.select([talker], [], [], line.wait)
    if answered:
        with Required("connected-talker: recv"):
            data = talker.recv(MAX_DATA - 1)
        printf('connected-talker: received "%s"\n', data)
    else:
        printf("connected-talker: no answer\n")
    talker.close()


if __name__ == "__main__":
    main()
