"""listener, wrong: IPV6_V6ONLY is set, so what comes over IPv4 is never heard."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: listener", None, family="ipv6", port=4950)
receiver = socket.socket(line.family, socket.SOCK_DGRAM)
receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
receiver.bind(("", line.port))
printf("listener: waiting to recvfrom...\n")
data, sender = receiver.recvfrom(99)
printf("listener: got packet from %s\n", sender[0])
printf("listener: packet is %d bytes long\n", len(data))
printf('listener: packet contains "%s"\n', data)
