"""simplestreamclient, wrong: the newline that fgets keeps is sent, too."""

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
message = sys.stdin.buffer.readline()
connection.sendall(message)
printf("[client] sent '%s'\n", message.removesuffix(b"\n"))
printf("[client] received '%s'\n", connection.recv(4095))
