"""multichatserver, wrong: its poll does not wait, so it asks again and again."""

import select

from parts.room import Room


class Spinning(Room):
    def serve(self) -> None:
        while True:
            poll = select.poll()
            for one in (self.listener, *self.users.values()):
                poll.register(one, select.POLLIN)
            for number, _ in poll.poll(0):
                if number == self.listener.fileno():
                    self.admit(self.listener.accept()[0])
                else:
                    self.hear(number)


Spinning().serve()
