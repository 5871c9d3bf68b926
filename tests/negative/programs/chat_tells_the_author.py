"""multichatserver, wrong: a message goes to everybody, its author included."""

from parts.room import Room


class Echoing(Room):
    def broadcast(self, message: bytes, about: int) -> None:
        super().broadcast(message, about)
        if about in self.users and b"joined" not in message:
            self.tell(self.users[about], message)


Echoing().serve()
