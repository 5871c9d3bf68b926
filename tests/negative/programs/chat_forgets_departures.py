"""multichatserver, wrong: who hangs up is taken out of the room, and nobody is told."""

from parts.room import Room


class Discreet(Room):
    def leave(self, who: int) -> None:
        self.users.pop(who).close()


Discreet().serve()
