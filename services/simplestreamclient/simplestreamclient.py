"""simplestreamclient: sends one line you type, and prints what comes back.

usage: simplestreamclient [--family any|ipv4|ipv6] HOSTNAME PORT

  --family FAMILY   which of the host's addresses to try (default any)

The order of socket calls: getaddrinfo, socket, connect, send, recv, close. Only one recv is made:
of a long answer only a part may be seen. An empty line sends nothing, so nothing ever comes back.
Exit status: 1 on any failure.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

MAX_DATA = 4096  # the guide's buffer; a C string needs one byte of it for its NUL


def open_connection(line: CommandLine) -> socket.socket:
    """The first candidate that accepts a connection."""
    hostname, port = line.arguments
    for candidate in getaddrinfo(hostname, port, line.family, socket.SOCK_STREAM):
        printf("[client] attempting connection to %s ...\n", candidate.text)
        with Attempt("[client] socket"):
            connection = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("[client] connect", closing=connection):
                connection.connect(candidate.address)
                printf("[client] connected to %s\n", candidate.text)
                break
    else:
        die("[client] failed to connect", 1)
    return connection


def read_message() -> bytes:
    """One line of standard input, without its newline."""
    typed = sys.stdin.buffer.readline() if sys.stdin else b""
    if not typed:
        die("simplestreamclient: no message on standard input", 1)
    return typed.removesuffix(b"\n")


def main() -> None:
    line = CommandLine("usage: simplestreamclient HOSTNAME PORT", __doc__, 2, family="any")
    connection = open_connection(line)
    printf("what to send to the server?\n")
    message = read_message()
    with Required("[client] send"):
        connection.sendall(message)  # send() as often as it takes: each may take only a part
    printf("[client] sent '%s'\n", message)
    with Required("[client] recv"):
        data = connection.recv(MAX_DATA - 1)
    printf("[client] received '%s'\n", data)
    connection.close()


if __name__ == "__main__":
    main()
