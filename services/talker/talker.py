"""talker: sends one datagram, whether or not anybody listens.

usage: talker [--family any|ipv4|ipv6] [--port PORT] HOSTNAME MESSAGE

  --family FAMILY   which of the host's addresses to send to (default ipv6)
  --port PORT       the port to send to (default 4950)

The order of socket calls: getaddrinfo, socket, sendto, close. That the datagram was sent does not
mean that it arrived. Exit status: 1 unknown host or not sent, 2 no socket.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf


def main() -> None:
    usage = "usage: talker hostname message"
    line = CommandLine(usage, __doc__, 2, family="ipv6", port=4950)
    hostname, message = line.arguments
    for candidate in getaddrinfo(hostname, line.port, line.family, socket.SOCK_DGRAM):
        with Attempt("talker: socket"):
            sender = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            break
    else:
        die("talker: failed to create socket", 2)
    with Required("talker: sendto"):
        sent = sender.sendto(message, candidate.address)
    printf("talker: sent %d bytes to %s\n", sent, hostname)
    sender.close()


if __name__ == "__main__":
    main()
