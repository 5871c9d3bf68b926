"""chatserver-epoll: multichatserver's chat room, waiting with epoll; ten thousand may be in it.

usage: chatserver-epoll [--family any|ipv4|ipv6] [--no-reuseaddr] PORT MAX_ROOM_SIZE

  PORT              the port to listen on
  MAX_ROOM_SIZE     as multichatserver has it; nobody is turned away
  --family FAMILY   which addresses to serve (default ipv4)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, epoll_create, epoll_ctl,
then epoll_wait, and what it says is possible: accept, recv, send. Wire and output are those of
multichatserver, put it beside this. The kernel keeps the list of whom to watch, so that waking up
costs what those cost who have something to say, not what all who are silent do.

Level-triggered: what was not read is told again at the next wait. So one recv per turn is enough,
and nobody who says much keeps the others from their turn. Edge-triggered would tell it once:
whoever then reads once only, hangs.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import fcntl
import select
import socket

from chatroom import END, MAX_DATA, User, joined, left, lost, open_room, said
from clibrary.descriptors import missing, raise_limit
from clibrary.stdio import complain, perror, printf

OUT_OF_THE_WAY = 20000  # the descriptor of the epoll instance, if the limit allows


class Room:
    """The epoll loop and everybody in it, by the number of their sockets."""

    def __init__(self, listener: socket.socket, limit: int) -> None:
        self._listener = listener
        self._limit = limit
        self._users: dict[int, User] = {}
        self._dead: list[int] = []
        self._epoll = make_epoll(limit)
        self._epoll.register(listener, select.EPOLLIN)

    def serve(self) -> None:
        """Wait for what is possible and do it, for ever."""
        while True:
            possible = dict(self._epoll.poll())
            # Last: a newcomer may get the number of one who leaves now, not what was told of it.
            joining = possible.pop(self._listener.fileno(), 0)
            for number, events in possible.items():
                if number in self._users:  # not one who was found dead a moment ago
                    self._attend(number, events)
                self._bury()
            if joining:
                self._join()
                self._bury()

    def _join(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:  # it came and went
            return
        except OSError as error:
            perror("accept", error)
            complain(missing("chatserver-epoll", self._limit))
            # It is still there and epoll would say so again and again: wait until somebody leaves.
            self._epoll.modify(self._listener, 0)
            return
        connection.setblocking(False)
        number = connection.fileno()
        self._users[number] = User(connection)
        self._epoll.register(number, select.EPOLLIN)
        self._broadcast(joined(number), about=number)

    def _attend(self, number: int, events: int) -> None:
        if events & select.EPOLLERR:
            self._dead.append(number)
            return
        if events & select.EPOLLOUT:
            self._tell(number, b"")
        if events & (select.EPOLLIN | select.EPOLLHUP):
            self._hear(number)

    def _hear(self, number: int) -> None:
        try:
            data = self._users[number].connection.recv(MAX_DATA)
        except BlockingIOError:
            return
        except OSError:
            self._dead.append(number)
            return
        if data:
            self._broadcast(said(number, data), about=number)
        else:
            self._leave(number)
            self._broadcast(left(number))

    def _bury(self) -> None:
        """Take the dead out of the room. Telling the others may show that more are dead."""
        while self._dead:
            number = self._dead.pop(0)
            if number in self._users:
                self._leave(number)
                self._broadcast(lost(number))

    def _leave(self, number: int) -> None:
        self._users.pop(number).connection.close()  # which takes it out of the epoll instance, too
        self._epoll.modify(self._listener, select.EPOLLIN)  # there is room for one again

    def _broadcast(self, message: bytes, about: int | None = None) -> None:
        """Print `message`, and send it to everybody but the one it is about."""
        printf("%s", message)
        for number in self._users:
            if number != about:
                self._tell(number, message + END)

    def _tell(self, number: int, message: bytes) -> None:
        """Send; ask epoll for a chance to send only while there is something left to send."""
        user = self._users[number]
        waiting = bool(user.unsent)
        user.send(message)
        if user.dead:
            self._dead.append(number)
        elif waiting != bool(user.unsent):
            sending = select.EPOLLOUT if user.unsent else 0
            self._epoll.modify(number, select.EPOLLIN | sending)


def make_epoll(limit: int) -> select.epoll:
    """An epoll instance. It is a descriptor itself and would be number 4, the first user's: moved.

    `limit`: how many descriptors there may be.
    """
    made = select.epoll()
    number = fcntl.fcntl(made, fcntl.F_DUPFD_CLOEXEC, min(limit - 1, OUT_OF_THE_WAY))
    made.close()
    return select.epoll.fromfd(number)


def main() -> None:
    listener = open_room(__doc__)
    listener.setblocking(False)  # who came may be gone again by the time of accept
    room = Room(listener, raise_limit())
    printf("started the main poll loop\n")
    room.serve()


if __name__ == "__main__":
    main()
