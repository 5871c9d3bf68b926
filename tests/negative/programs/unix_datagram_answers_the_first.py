"""unix-echo-datagram-server, wrong: connect to the first sender, and nobody else is heard."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from unixpaths import address, bind

line = CommandLine("usage: unix-echo-datagram-server PATH", None, 1)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
bind(receiver, address("unix-echo-datagram-server", line.arguments[0]), 0o600, unlink=True)
printf("unix-echo-datagram-server: waiting on %s\n", line.arguments[0])
first = ""
while True:
    data, sender = receiver.recvfrom(65536)
    first = first or sender
    shown = sender.encode()
    printf("unix-echo-datagram-server: got %d bytes from %s, user id 65534\n", len(data), shown)
    receiver.sendto(data, first)
