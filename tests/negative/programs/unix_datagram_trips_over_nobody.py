"""unix-echo-datagram-server, wrong: every sender has a path, it thinks, and sends to none."""

import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required
from clibrary.stdio import printf
from unixpaths import address, bind

line = CommandLine("usage: unix-echo-datagram-server PATH", None, 1)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
bind(receiver, address("unix-echo-datagram-server", line.arguments[0]), 0o600, unlink=True)
printf("unix-echo-datagram-server: waiting on %s\n", line.arguments[0])
while True:
    data, sender = receiver.recvfrom(65536)
    shown = (sender or "nobody").encode()
    printf("unix-echo-datagram-server: got %d bytes from %s, user id 65534\n", len(data), shown)
    with Required("sendto"):
        receiver.sendto(data, sender or "")
