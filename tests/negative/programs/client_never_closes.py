"""stream-client, wrong: it leaves its socket to the end of the process."""

import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: client hostname", None, 1, family="any", port=3490)
server = getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_STREAM)[0]
connection = socket.socket(server.family, server.socktype, server.protocol)
connection.connect(server.address)
printf("client: connecting to %s\n", server.text)
printf("client: received '%s'\n", connection.recv(99))
connection.detach()
