"""talker, wrong: it sends its message twice, to be sure that it arrives."""

import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine("usage: talker hostname message", None, 2, family="ipv6", port=4950)
hostname, message = line.arguments
listener = getaddrinfo(hostname, line.port, line.family, socket.SOCK_DGRAM)[0]
sender = socket.socket(listener.family, socket.SOCK_DGRAM)
sender.sendto(message, listener.address)
printf("talker: sent %d bytes to %s\n", sender.sendto(message, listener.address), hostname)
