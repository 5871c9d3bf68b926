"""simplestreamclient, wrong: an empty line is taken for the end of input."""

import socket
import sys

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: simplestreamclient HOSTNAME PORT", None, 2, family="any")
hostname, port = line.arguments
server = getaddrinfo(hostname, port, line.family, socket.SOCK_STREAM)[0]
printf("[client] attempting connection to %s ...\n", server.text)
connection = socket.socket(server.family, server.socktype, server.protocol)
connection.connect(server.address)
printf("[client] connected to %s\n", server.text)
printf("what to send to the server?\n")
message = sys.stdin.buffer.readline().removesuffix(b"\n")
if not message:
    sys.exit(0)
connection.sendall(message)
printf("[client] sent '%s'\n", message)
printf("[client] received '%s'\n", connection.recv(4095))
