"""talker, wrong: it sends to every address of every family the host has."""

import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: talker hostname message", None, 2, family="ipv6", port=4950)
hostname, message = line.arguments
for listener in getaddrinfo(hostname, line.port, socket.AF_UNSPEC, socket.SOCK_DGRAM):
    sender = socket.socket(listener.family, socket.SOCK_DGRAM)
    sender.sendto(message, listener.address)
printf("talker: sent %d bytes to %s\n", len(message), hostname)
