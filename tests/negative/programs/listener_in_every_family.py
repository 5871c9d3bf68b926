"""listener, wrong: it binds a socket for each family, whatever family it was told."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: listener", None, family="ipv6", port=4950)
receivers = []
for family in (socket.AF_INET, socket.AF_INET6):
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    receiver.bind(("", line.port))
    receivers.append(receiver)
printf("listener: waiting to recvfrom...\n")
data, sender = select.select(receivers, [], [])[0][0].recvfrom(99)
printf("listener: got packet from %s\n", sender[0])
printf("listener: packet is %d bytes long\n", len(data))
printf('listener: packet contains "%s"\n', data)
