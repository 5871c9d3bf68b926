"""connected-talker, wrong: not connected, it compares the sender's address, but not its port."""

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
while select.select([talker], [], [], line.wait)[0]:
    answer, sender = talker.recvfrom(99)
    if sender[0] == peer.address[0]:
        printf('connected-talker: received "%s"\n', answer)
        break
else:
    printf("connected-talker: no answer\n")
