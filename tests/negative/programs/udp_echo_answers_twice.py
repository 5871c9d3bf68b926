"""udp-echo-server, wrong: every datagram is sent back twice, to be sure that it arrives."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: udp-echo-server", None, family="ipv6", port=4950)
receiver = socket.socket(line.family, socket.SOCK_DGRAM)
receiver.bind(("", line.port))
printf("udp-echo-server: waiting for datagrams\n")
while True:
    data, sender = receiver.recvfrom(65535)
    printf("udp-echo-server: got %d bytes from %s\n", len(data), sender[0])
    receiver.sendto(data, sender)
    receiver.sendto(data, sender)
