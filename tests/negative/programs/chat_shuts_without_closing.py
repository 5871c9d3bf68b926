"""multichatserver, wrong: shutdown says goodbye to who leaves, and close is forgotten."""

import select
import socket

from parts.room import Room


class Keeping(Room):
    def __init__(self) -> None:
        self.kept: list[socket.socket] = []
        super().__init__()

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                if number == self.listener.fileno():
                    newcomer = self.listener.accept()[0]
                    poll.register(newcomer, select.POLLIN)
                    self.admit(newcomer)
                else:
                    self.hear(number)
                    if number not in self.users:
                        poll.unregister(number)

    def leave(self, who: int) -> None:
        self.users[who].shutdown(socket.SHUT_RDWR)
        self.kept.append(self.users.pop(who))
        self.broadcast(b"user %d disconnected\n" % who, who)


Keeping().serve()
