"""unix-echo-datagram-server: sends every datagram from this machine back to where it came from.

usage: unix-echo-datagram-server [--mode MODE] [--no-unlink] PATH

  PATH            the socket's path, or @NAME for an abstract name, which is no file
  --mode MODE     who may send, as three octal digits like a file's (default 600: the same user)
  --no-unlink     do not remove a stale PATH: a restart then finds its address still in use

The order of socket calls: socket, setsockopt, umask, bind, unlink, recvmsg, sendto. With
SO_PASSCRED each datagram comes with its sender's user id, which the kernel vouches for. A sender
that is bound to no name has no address: it cannot be answered. Unlike UDP nothing is lost: who
sends to a queue that is full waits, so the answers are sent without waiting, or one client could
stop all others.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket
import struct

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required
from clibrary.stdio import printf
from unixpaths import address, bind, read_mode

NAME = "unix-echo-datagram-server"
MAX_DATA = 65536  # what one recvmsg takes at most; the rest of the datagram would be lost
CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user and group id


def open_receiver(line: CommandLine) -> socket.socket:
    """The socket bound to PATH, told of each sender's user id."""
    name, mode = address(NAME, line.arguments[0]), read_mode(line)
    with Required("socket"):
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with Required("setsockopt"):
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    with Required("bind"):
        bind(receiver, name, mode, unlink=not line.switches["--no-unlink"])
    return receiver


def echo(receiver: socket.socket) -> None:
    """Send one datagram back."""
    with Required("recvmsg"):
        space = socket.CMSG_SPACE(CREDENTIALS.size)
        data, told, _, sender = receiver.recvmsg(MAX_DATA, space)
    _, user, _ = CREDENTIALS.unpack(told[0][2])
    name = sender if isinstance(sender, bytes) else os.fsencode(sender or "")
    shown = b"@" + name[1:] if name.startswith(b"\0") else name or b"nobody"
    printf("%s: got %d bytes from %s, user id %d\n", NAME, len(data), shown, user)
    if not name:
        printf("unix-echo-datagram-server: no answer: the sender has no name\n")
        return
    with Attempt("unix-echo-datagram-server: sendto"):
        receiver.sendto(data, socket.MSG_DONTWAIT, name)


def main() -> None:
    line = CommandLine(
        "usage: unix-echo-datagram-server PATH",
        __doc__,
        1,
        texts={"--mode": b"600"},
        switches=("--no-unlink",),
    )
    receiver = open_receiver(line)
    printf("unix-echo-datagram-server: waiting on %s\n", line.arguments[0])
    while True:
        echo(receiver)


if __name__ == "__main__":
    main()
