"""stream-client, wrong: where it is refused it tries the same address once more."""

import socket
import sys

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import complain, printf

line = CommandLine("usage: client hostname", None, 1, family="any", port=3490)
server = getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_STREAM)[0]
for _ in range(2):
    connection = socket.socket(server.family, server.socktype, server.protocol)
    if connection.connect_ex(server.address) == 0:
        printf("client: connecting to %s\n", server.text)
        printf("client: received '%s'\n", connection.recv(99))
        sys.exit(0)
    connection.close()
complain("client: connect: Connection refused")
complain("client: failed to connect")
sys.exit(2)
