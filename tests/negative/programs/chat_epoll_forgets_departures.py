"""chatserver-epoll, wrong: recv's 0 is not looked at: who hung up stays, and epoll never rests."""

from parts.room import Room


class Hall(Room):
    def leave(self, who: int) -> None:
        """He is still there, is he not?"""


Hall().serve()
