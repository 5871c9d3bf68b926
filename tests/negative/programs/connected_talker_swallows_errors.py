"""connected-talker, wrong: whatever recv fails with is taken for silence."""

import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

usage = "usage: connected-talker hostname message"
line = CommandLine(usage, None, 2, family="ipv6", port=4950, wait=1)
hostname, message = line.arguments
peer = getaddrinfo(hostname, line.port, line.family, socket.SOCK_DGRAM)[0]
talker = socket.socket(peer.family, socket.SOCK_DGRAM)
talker.connect(peer.address)
printf("connected-talker: sent %d bytes to %s\n", talker.send(message), hostname)
talker.settimeout(line.wait)
try:
    printf('connected-talker: received "%s"\n', talker.recv(99))
except OSError:
    printf("connected-talker: no answer\n")
