"""unix-echo-datagram-client: sends one datagram on this machine, and prints the answer.

usage: unix-echo-datagram-client [--own PATH] [--unnamed] [--wait SECONDS] PATH MESSAGE

  PATH             the server's path, or @NAME for an abstract name
  --own PATH       the client's own path (default: the server's with .client behind it)
  --unnamed        do without an own name; then no answer can come
  --wait SECONDS   how long to wait for an answer (default 1)

The order of socket calls: socket, umask, bind, connect, send, recv, close, unlink. The server sends
its answer to the client's name, so the client needs one: unlike UDP, none is given by itself.
Exit status: 0 the message came back whole, 1 it did not, 2 nobody is there.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Required, die
from clibrary.stdio import perror, printf
from unixpaths import address, bind

NAME = "unix-echo-datagram-client"
MAX_DATA = 65536  # what one recv takes at most; the rest of the datagram would be lost
MODE = 0o600  # the server must be allowed to write to the client's path


def ask(talker: socket.socket, server: bytes, message: bytes, wait: float) -> bytes | None:
    """Send, and wait for the answer; None if there is none."""
    talker.connect(server)
    sent = talker.send(message)
    printf("unix-echo-datagram-client: sent %d bytes\n", sent)
    answered, _, _ = select.select([talker], [], [], wait)
    if not answered:
        printf("unix-echo-datagram-client: no answer\n")
        return None
    data = talker.recv(MAX_DATA)
    printf('unix-echo-datagram-client: received "%s"\n', data)
    return data


def main() -> None:
    usage = "usage: unix-echo-datagram-client PATH MESSAGE"
    line = CommandLine(usage, __doc__, 2, wait=1, texts={"--own": b""}, switches=("--unnamed",))
    path, message = line.arguments
    server = address(NAME, path)
    own = address(NAME, line.texts["--own"] or path + b".client")
    with Required("socket"):
        talker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if not line.switches["--unnamed"]:
        with Required("bind"):
            bind(talker, own, MODE, unlink=True)
    try:
        data = ask(talker, server, message, line.wait)
    except OSError as error:
        perror(NAME, error)
        sys.exit(2)
    finally:
        talker.close()
        if not line.switches["--unnamed"] and not own.startswith(b"\0"):
            os.unlink(own)
    if data is not None and data != message:
        die("unix-echo-datagram-client: that is not what was sent", 1)
    sys.exit(0 if data is not None else 1)


if __name__ == "__main__":
    main()
