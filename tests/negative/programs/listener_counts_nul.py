"""listener, wrong: the NUL it puts behind the data is counted as a byte of the packet."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: listener", None, family="ipv6", port=4950)
receiver = socket.socket(line.family, socket.SOCK_DGRAM)
receiver.bind(("", line.port))
printf("listener: waiting to recvfrom...\n")
data, sender = receiver.recvfrom(99)
data += b"\0"
printf("listener: got packet from %s\n", sender[0])
printf("listener: packet is %d bytes long\n", len(data))
printf('listener: packet contains "%s"\n', data)
