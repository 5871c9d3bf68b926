"""stream-client, wrong: what failed is told by printf, on stdout, where perror writes to stderr."""

import socket
import sys

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: client hostname", None, 1, family="any", port=3490)
for server in getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_STREAM):
    connection = socket.socket(server.family, server.socktype, server.protocol)
    try:
        connection.connect(server.address)
    except OSError as error:
        printf("client: connect: %s\n", error.strerror or "")
        continue
    break
else:
    printf("client: failed to connect\n")
    sys.exit(2)
printf("client: connecting to %s\n", server.text)
printf("client: received '%s'\n", connection.recv(99))
