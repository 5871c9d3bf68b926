"""What is the same in the three chat servers, whichever way they wait: words, sizes, the start.

multichatserver waits with poll(), chatserver-epoll with epoll, chatserver-threads has one thread
per user. How each does it stands in its own file, to be read beside the others; nothing here waits.
"""

from __future__ import annotations

import socket
import sys

from clibrary.arguments import CommandLine, read_number
from clibrary.failure import die
from clibrary.stdio import STDOUT, string
from sockethelpers import ListeningError, create_listening_socket

BACKLOG = 512  # how many connections may wait to be accepted
MAX_DATA = 256  # what one recv takes at most
MAX_UNSENT = 4 << 20  # bytes kept for a user who does not read; then it counts as dead
END = b"\0"  # of a message on the wire; it is not printed


def joined(number: int) -> bytes:
    """Somebody came."""
    return b"user %d joined the chat room\n" % number


def said(number: int, data: bytes) -> bytes:
    """Somebody said something: what one recv gave, up to its first NUL."""
    return b"user %d: %b" % (number, string(data))


def left(number: int) -> bytes:
    """Somebody hung up."""
    return b"user %d disconnected\n" % number


def lost(number: int) -> bytes:
    """A connection broke. The guide's program ends this one without a newline."""
    return b"client %d disconnected due to error" % number


def open_room(description: str | None) -> socket.socket:
    """The listening socket the command line asks for; wrong usage or a failure ends the program."""
    usage = f"Usage: {sys.argv[0]} PORT MAX_ROOM_SIZE"
    line = CommandLine(usage, description, 2, family="ipv4", reuseaddr=True, usage_on=STDOUT)
    try:
        port = read_number(line.arguments[0], most=65535)
        read_number(line.arguments[1], most=10**9)  # nothing here has a size that must be known
    except ValueError:
        line.wrong()
    try:
        return create_listening_socket(port, BACKLOG, family=line.family, reuseaddr=line.reuseaddr)
    except ListeningError as error:
        die(f"{error.call}: {error.strerror}", 1)


class User:
    """Somebody in the room, for a server that never waits for one: what it has not taken yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.unsent = bytearray()
        self.dead = False

    def send(self, message: bytes = b"") -> None:
        """Send as much as goes without waiting; keep the rest."""
        self.unsent += message
        try:
            while self.unsent:
                del self.unsent[: self.connection.send(self.unsent, socket.MSG_NOSIGNAL)]
        except BlockingIOError:
            self.dead = len(self.unsent) > MAX_UNSENT
        except OSError:
            self.dead = True
