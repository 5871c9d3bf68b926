"""What is the same in the three echo servers for many clients: the start and the counts.

echoserver-threads, echoserver-poll and echoserver-epoll differ in how they wait. How each does it
stands in its own file, to be read beside the others; nothing here waits.
"""

from __future__ import annotations

import os
import socket

from clibrary.arguments import CommandLine
from clibrary.descriptors import missing, raise_limit
from clibrary.failure import die
from clibrary.stdio import complain, perror, printf
from sockethelpers import ListeningError, create_listening_socket

BACKLOG = 4096  # how many connections may wait to be accepted; the kernel's own limit may be less
MAX_DATA = 4096  # what one recv takes at most


class Echoes:
    """A server's name, its listening socket, and what it counts."""

    def __init__(self, name: str, description: str | None) -> None:
        """Read the command line and listen; wrong usage or a failure ends the program."""
        self._name = name
        line = CommandLine(f"usage: {name}", description, family="ipv4", port=3490, reuseaddr=True)
        self._limit = raise_limit()
        self.listener = open_listener(line)
        self.clients = 0  # since the beginning
        self.connected = 0  # now
        self.most = 0  # at the same time
        self.turned_away = 0
        self.echoed = 0  # bytes

    def announce(self) -> None:
        """Say that it listens."""
        address, port = self.listener.getsockname()[:2]
        printf("%s: listening on %s port %d\n", self._name, address, port)

    def joined(self) -> None:
        """One client more."""
        self.clients += 1
        self.connected += 1
        self.most = max(self.most, self.connected)

    def full(self, error: OSError) -> None:
        """Nobody can be accepted: say why."""
        perror("accept", error)
        complain(missing(self._name, self._limit))

    def finish(self) -> None:
        """Say what was done, and end the program, its threads included."""
        counts = (self.clients, self.most, self.echoed, self.turned_away)
        told = "%s: served %d clients, %d at the same time, echoed %d bytes, turned %d away\n"
        printf(told, self._name, *counts)
        os._exit(0)


def open_listener(line: CommandLine) -> socket.socket:
    """The listening socket the command line asks for; a failure ends the program."""
    try:
        return create_listening_socket(
            line.port, BACKLOG, family=line.family, reuseaddr=line.reuseaddr
        )
    except ListeningError as error:
        die(f"{error.call}: {error.strerror}", 1)
