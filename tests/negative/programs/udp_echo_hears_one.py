"""udp-echo-server, wrong: it connects to whoever comes first, and hears nobody else."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: udp-echo-server", None, family="ipv6", port=4950)
receiver = socket.socket(line.family, socket.SOCK_DGRAM)
receiver.bind(("", line.port))
printf("udp-echo-server: waiting for datagrams\n")
data, sender = receiver.recvfrom(65535)
receiver.connect(sender)
while True:
    printf("udp-echo-server: got %d bytes from %s\n", len(data), sender[0])
    receiver.send(data)
    data = receiver.recv(65535)
