"""multichatserver: a chat room; whatever one says, everybody else hears.

usage: multichatserver [--family any|ipv4|ipv6] [--no-reuseaddr] PORT MAX_ROOM_SIZE

  PORT              the port to listen on
  MAX_ROOM_SIZE     how many the room is made for at first; it grows, nobody is turned away
  --family FAMILY   which addresses to serve (default ipv4)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

Talk to it with telnet. The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen,
then poll, and what poll says is possible: accept, recv, send. One thread serves everybody and never
waits for any one of them: what a slow user does not take yet is kept for later, up to MAX_UNSENT.

A user is named by the number of its socket: the first is 4, as the listening socket is 3. A message
ends with a NUL byte.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket

from chatroom import END, MAX_DATA, User, joined, left, lost, open_room, said
from clibrary.stdio import perror, printf


class Room:
    """The poll loop and everybody in it, by the number of their sockets."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._users: dict[int, User] = {}
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)

    def serve(self) -> None:
        """Wait for what is possible and do it, for ever."""
        while True:
            for number, events in self._poll.poll():
                if number == self._listener.fileno():
                    self._join()
                elif number in self._users:  # not one who was found dead a moment ago
                    self._attend(number, events)
                self._bury()

    def _join(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:  # it came and went
            return
        except OSError as error:
            perror("accept", error)
            # It is still there and poll would say so again and again: wait until somebody leaves.
            self._poll.modify(self._listener, 0)
            return
        connection.setblocking(False)
        number = connection.fileno()
        self._users[number] = User(connection)
        self._poll.register(number, select.POLLIN)
        self._broadcast(joined(number), about=number)

    def _attend(self, number: int, events: int) -> None:
        user = self._users[number]
        if events & select.POLLERR:
            user.dead = True
            return
        if events & select.POLLOUT:
            user.send()
            self._watch(number)
        if events & (select.POLLIN | select.POLLHUP):
            self._hear(number)

    def _hear(self, number: int) -> None:
        user = self._users[number]
        try:
            data = user.connection.recv(MAX_DATA)
        except BlockingIOError:
            return
        except OSError:
            user.dead = True
            return
        if data:
            self._broadcast(said(number, data), about=number)
        else:
            self._leave(number)
            self._broadcast(left(number))

    def _bury(self) -> None:
        """Take the dead out of the room. Telling the others may show that more are dead."""
        while dead := [number for number, user in self._users.items() if user.dead]:
            self._leave(dead[0])
            self._broadcast(lost(dead[0]))

    def _leave(self, number: int) -> None:
        self._poll.unregister(number)
        self._users.pop(number).connection.close()
        self._poll.modify(self._listener, select.POLLIN)  # there is room for one again

    def _broadcast(self, message: bytes, about: int | None = None) -> None:
        """Print `message`, and send it to everybody but the one it is about."""
        printf("%s", message)
        for number, user in self._users.items():
            if number != about:
                user.send(message + END)
                self._watch(number)

    def _watch(self, number: int) -> None:
        """Ask poll for a chance to send only while there is something to send."""
        sending = select.POLLOUT if self._users[number].unsent else 0
        self._poll.modify(number, select.POLLIN | sending)


def main() -> None:
    listener = open_room(__doc__)
    listener.setblocking(False)  # who came may be gone again by the time of accept
    printf("started the main poll loop\n")
    Room(listener).serve()


if __name__ == "__main__":
    main()
