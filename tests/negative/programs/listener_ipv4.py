"""listener, wrong: hints.ai_family is AF_INET where the guide has AF_INET6."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf

line = CommandLine("usage: listener", None, family="ipv4", port=4950)
receiver = socket.socket(line.family, socket.SOCK_DGRAM)
receiver.bind(("", line.port))
printf("listener: waiting to recvfrom...\n")
data, sender = receiver.recvfrom(99)
printf("listener: got packet from %s\n", sender[0])
printf("listener: packet is %d bytes long\n", len(data))
printf('listener: packet contains "%s"\n', data)
