"""multichatserver, wrong: strlen(message) bytes are sent, without the NUL that ends a message."""

import socket

from parts.room import Room


class Endless(Room):
    def tell(self, user: socket.socket, message: bytes) -> None:
        user.sendall(message)


Endless().serve()
