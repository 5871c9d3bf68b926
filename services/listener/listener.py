"""listener: waits for one datagram, prints it, and ends.

usage: listener [--family any|ipv4|ipv6] [--port PORT]

  --family FAMILY   which addresses to hear (default ipv6, which on most systems hears IPv4 too)
  --port PORT       the port to listen on (default 4950)

The order of socket calls: getaddrinfo, socket, bind, recvfrom, close. A datagram longer than the
buffer is cut: 99 bytes arrive, the rest is lost. Exit status: 2 nothing could be bound.
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


def open_receiver(line: CommandLine) -> socket.socket:
    """The first candidate that can be bound."""
    flags = socket.AI_PASSIVE  # the address of no host: of this one, any
    for candidate in getaddrinfo(None, line.port, line.family, socket.SOCK_DGRAM, flags):
        with Attempt("listener: socket"):
            receiver = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("listener: bind", closing=receiver):
                receiver.bind(candidate.address)
                break
    else:
        die("listener: failed to bind socket", 2)
    return receiver


def main() -> None:
    line = CommandLine("usage: listener", __doc__, family="ipv6", port=4950)
    receiver = open_receiver(line)
    printf("listener: waiting to recvfrom...\n")
    with Required("recvfrom"):
        data, sender = receiver.recvfrom(MAX_DATA - 1)
    printf("listener: got packet from %s\n", sender[0])
    printf("listener: packet is %d bytes long\n", len(data))
    printf('listener: packet contains "%s"\n', data)
    receiver.close()


if __name__ == "__main__":
    main()
