"""unix-echo-datagram-client, wrong: close frees the socket, and its path stays for ever."""

import select
import socket
import sys

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from unixpaths import address, bind

NAME = "unix-echo-datagram-client"
line = CommandLine(
    f"usage: {NAME} PATH MESSAGE", None, 2, wait=1, texts={"--own": b""}, switches=("--unnamed",)
)
path, message = line.arguments
talker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if not line.switches["--unnamed"]:
    bind(talker, line.texts["--own"], 0o600, unlink=True)
talker.connect(address(NAME, path))
printf("unix-echo-datagram-client: sent %d bytes\n", talker.send(message))
if not select.select([talker], [], [], line.wait)[0]:
    printf("unix-echo-datagram-client: no answer\n")
    sys.exit(1)
printf('unix-echo-datagram-client: received "%s"\n', talker.recv(65536))
