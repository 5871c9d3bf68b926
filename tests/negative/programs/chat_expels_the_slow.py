"""multichatserver, wrong: whoever does not take a message for a second is taken for gone."""

import socket

from parts.room import Room


class Hasty(Room):
    def admit(self, newcomer: socket.socket) -> None:
        newcomer.settimeout(1)
        super().admit(newcomer)

    def hear(self, who: int) -> None:
        try:
            super().hear(who)
        except ConnectionResetError:
            self.leave(who)

    def tell(self, user: socket.socket, message: bytes) -> None:
        try:
            super().tell(user, message)
        except TimeoutError:
            self.leave(user.fileno())


Hasty().serve()
