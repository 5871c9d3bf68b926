"""unix-echo-datagram-client, wrong: it does not wait; what it sent must have come back, surely."""

import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from unixpaths import address

NAME = "unix-echo-datagram-client"
line = CommandLine(
    f"usage: {NAME} PATH MESSAGE", None, 2, wait=1, texts={"--own": b""}, switches=("--unnamed",)
)
path, message = line.arguments
talker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
talker.connect(address(NAME, path))
printf("unix-echo-datagram-client: sent %d bytes\n", talker.send(message))
printf('unix-echo-datagram-client: received "%s"\n', message)
