"""stream-client, wrong: the family it is told is read, and never given to getaddrinfo."""

import socket
import sys

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt
from clibrary.netdb import getaddrinfo
from clibrary.stdio import complain, printf

line = CommandLine("usage: client hostname", None, 1, family="any", port=3490)
for server in getaddrinfo(line.arguments[0], line.port, socket.AF_UNSPEC, socket.SOCK_STREAM):
    connection = socket.socket(server.family, server.socktype, server.protocol)
    with Attempt("client: connect", closing=connection):
        connection.connect(server.address)
        break
else:
    complain("client: failed to connect")
    sys.exit(2)
printf("client: connecting to %s\n", server.text)
printf("client: received '%s'\n", connection.recv(99))
