"""multichatserver, wrong: it counts its users, and a number is never used again."""

import itertools
import socket

from parts.room import Room


class Counting(Room):
    def __init__(self) -> None:
        self.numbers = itertools.count(4)
        super().__init__()

    def number(self, newcomer: socket.socket) -> int:
        return next(self.numbers)


Counting().serve()
