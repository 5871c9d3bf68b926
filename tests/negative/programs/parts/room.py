"""A chat server as one writes it first: whoever does not read his messages blocks all others."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import STDOUT, printf
from sockethelpers import create_listening_socket


class Room:
    """The users by number; a wrong program does one of these things otherwise."""

    def __init__(self) -> None:
        usage = "Usage: PORT MAX_ROOM_SIZE"
        line = CommandLine(usage, None, 2, family="ipv4", usage_on=STDOUT)
        self.listener = create_listening_socket(int(line.arguments[0]), 512, family=line.family)
        self.users: dict[int, socket.socket] = {}
        self.show(b"started the main poll loop\n")

    def serve(self) -> None:
        """For ever."""
        while True:
            for ready in select.select([self.listener, *self.users.values()], [], [])[0]:
                if ready is self.listener:
                    self.admit(self.listener.accept()[0])
                else:
                    self.hear(next(n for n, user in self.users.items() if user is ready))

    def admit(self, newcomer: socket.socket) -> None:
        """One more user, and all others are told."""
        who = self.number(newcomer)
        self.users[who] = newcomer
        self.broadcast(b"user %d joined the chat room\n" % who, who)

    def number(self, newcomer: socket.socket) -> int:
        """What a user is called."""
        return newcomer.fileno()

    def hear(self, who: int) -> None:
        """What a user says, or that he hangs up."""
        if data := self.users[who].recv(256):
            self.broadcast(b"user %d: %b" % (who, data), who)
        else:
            self.leave(who)

    def leave(self, who: int) -> None:
        """One user less, and all others are told."""
        self.users.pop(who).close()
        self.broadcast(b"user %d disconnected\n" % who, who)

    def broadcast(self, message: bytes, about: int) -> None:
        """To all but the one it is about."""
        self.show(message)
        for number, user in tuple(self.users.items()):
            if number != about:
                self.tell(user, message)

    def tell(self, user: socket.socket, message: bytes) -> None:
        """A message to one user."""
        user.sendall(message + b"\0")

    def show(self, message: bytes) -> None:
        """On standard output."""
        printf("%s", message)
