"""connected-talker, wrong: sendto and recvfrom on a socket that was never connected."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

usage = "usage: connected-talker hostname message"
line = CommandLine(usage, None, 2, family="ipv6", port=4950, wait=1)
hostname, message = line.arguments
peer = getaddrinfo(hostname, line.port, line.family, socket.SOCK_DGRAM)[0]
talker = socket.socket(peer.family, socket.SOCK_DGRAM)
printf("connected-talker: sent %d bytes to %s\n", talker.sendto(message, peer.address), hostname)
if select.select([talker], [], [], line.wait)[0]:
    printf('connected-talker: received "%s"\n', talker.recvfrom(99)[0])
else:
    printf("connected-talker: no answer\n")
