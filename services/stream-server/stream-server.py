"""stream-server: sends "Hello, world!" to everyone who connects.

usage: stream-server [--family any|ipv4|ipv6] [--port PORT] [--no-reuseaddr]

  --family FAMILY   which addresses to serve (default any; see below)
  --port PORT       the port to listen on (default 3490)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, accept, fork, send, close.
Every connection is served by a process of its own; the parent goes straight back to accept.

With family any, getaddrinfo lists 0.0.0.0 before ::, and the first that binds is taken: the server
then speaks IPv4 only. With --family ipv6 it listens on ::, which IPv4 reaches too.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import signal
import socket

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import perror, printf

BACKLOG = 10  # how many connections may wait to be accepted


def open_listener(line: CommandLine) -> socket.socket:
    """The first candidate that can be bound, listening."""
    flags = socket.AI_PASSIVE  # the address of no host: of this one, any
    for candidate in getaddrinfo(None, line.port, line.family, socket.SOCK_STREAM, flags):
        with Attempt("server: socket"):
            listener = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            if line.reuseaddr:
                with Required("setsockopt"):
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with Attempt("server: bind", closing=listener):
                listener.bind(candidate.address)
                break
    else:
        die("server: failed to bind", 1)
    with Required("listen"):
        listener.listen(BACKLOG)
    return listener


def serve(listener: socket.socket, connection: socket.socket) -> None:
    """Fork; the child greets and ends, the parent only closes its copy of the connection."""
    with Attempt("fork"):
        if os.fork() == 0:
            listener.close()
            with Attempt("send"):
                connection.send(b"Hello, world!")
            connection.close()
            os._exit(0)
    connection.close()


def main() -> None:
    line = CommandLine("usage: stream-server", __doc__, family="any", port=3490, reuseaddr=True)
    listener = open_listener(line)
    # With SIGCHLD ignored the kernel reaps children itself (wait(2)): none is ever a zombie. A C
    # program calls waitpid in a handler; Python would run a handler only once accept returns.
    # Should another signal interrupt accept, Python calls it again (PEP 475).
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    printf("server: waiting for connections...\n")
    while True:
        try:
            connection, peer = listener.accept()
        except OSError as error:
            perror("accept", error)
            continue
        printf("server: got connection from %s\n", peer[0])
        serve(listener, connection)


if __name__ == "__main__":
    main()
