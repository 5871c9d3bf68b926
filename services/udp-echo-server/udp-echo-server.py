"""udp-echo-server: sends every datagram back to where it came from.

usage: udp-echo-server [--family any|ipv4|ipv6] [--port PORT]

  --family FAMILY   which addresses to hear (default ipv6, which on most systems hears IPv4 too)
  --port PORT       the port to listen on (default 4950)

The order of socket calls: getaddrinfo, socket, bind, recvfrom, sendto. There are no connections:
one socket hears everybody, and each datagram says where it came from. Nothing is remembered and
nothing is repeated; what is lost on the way is the client's to notice. Exit status: 2 nothing could
be bound.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import perror, printf

MAX_DATA = 65535  # no datagram is longer: none is cut


def open_receiver(line: CommandLine) -> socket.socket:
    """The first candidate that can be bound."""
    flags = socket.AI_PASSIVE  # the address of no host: of this one, any
    for candidate in getaddrinfo(None, line.port, line.family, socket.SOCK_DGRAM, flags):
        with Attempt("udp-echo-server: socket"):
            receiver = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("udp-echo-server: bind", closing=receiver):
                receiver.bind(candidate.address)
                break
    else:
        die("udp-echo-server: failed to bind socket", 2)
    return receiver


def echo(receiver: socket.socket) -> None:
    """Send one datagram back. A failure concerns one client; the others are served all the same."""
    try:
        data, sender = receiver.recvfrom(MAX_DATA)
    except OSError as error:
        perror("udp-echo-server: recvfrom", error)
        return
    printf("udp-echo-server: got %d bytes from %s\n", len(data), sender[0])
    with Attempt("udp-echo-server: sendto"):
        receiver.sendto(data, sender)


def main() -> None:
    line = CommandLine("usage: udp-echo-server", __doc__, family="ipv6", port=4950)
    receiver = open_receiver(line)
    printf("udp-echo-server: waiting for datagrams\n")
    while True:
        echo(receiver)


if __name__ == "__main__":
    main()
