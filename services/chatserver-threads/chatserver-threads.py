"""chatserver-threads: multichatserver's chat room, with a thread of its own for every user.

usage: chatserver-threads [--family any|ipv4|ipv6] [--no-reuseaddr] PORT MAX_ROOM_SIZE

  PORT              the port to listen on
  MAX_ROOM_SIZE     as multichatserver has it; nobody is turned away
  --family FAMILY   which addresses to serve (default ipv4)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, then poll and accept in
the main thread, recv in each user's; send, shutdown. Wire and output are those of
multichatserver, put it beside this. Nothing asks what is possible: each thread just waits for its
own user. The price is what they share: the room has a lock, and whoever holds it must not wait.
So a send to somebody else never waits; what a slow user does not take yet, a second thread of that
user's sends once there is room.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket
import threading

from chatroom import END, MAX_DATA, MAX_UNSENT, joined, left, lost, open_room, said
from clibrary.stdio import complain, perror, printf

STACK = 256 << 10  # bytes of address space per thread; the usual 8 MB would be far too many
PIECE = 64 << 10  # what is sent to a slow user at a time


class Guest:
    """A user: a socket, what it has not taken yet, and the thread that sends this, if any.

    What changes it is done by whoever holds the room's lock; waiting is not.
    """

    def __init__(self, connection: socket.socket, lock: threading.Condition) -> None:
        self.connection = connection
        self.number = connection.fileno()
        self.dead = False
        self.sender: threading.Thread | None = None
        self._lock = lock
        self._unsent = bytearray()

    def send(self, message: bytes) -> None:
        """Send without waiting; what does not go is left to the second thread."""
        if self.dead:
            return
        if not self._unsent:
            try:
                flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
                message = message[self.connection.send(message, flags) :]
            except BlockingIOError:
                pass
            except OSError:
                self.give_up()
                return
        self._unsent += message
        if len(self._unsent) > MAX_UNSENT:
            self.give_up()
        elif self._unsent and self.sender is None:
            self.sender = threading.Thread(target=self._catch_up, daemon=True)
            if not start(self.sender):
                self.sender = None
                self.give_up()

    def give_up(self) -> None:
        """Count as dead. Shutting it down wakes the threads that wait for it."""
        self.dead = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is not even connected any more

    def _catch_up(self) -> None:
        """Send what is unsent, waiting as long as it takes, until nothing is."""
        while True:
            with self._lock:
                if not self._unsent or self.dead:
                    self.sender = None
                    return
                piece = bytes(self._unsent[:PIECE])
            try:
                sent = self.connection.send(piece, socket.MSG_NOSIGNAL)
            except OSError:
                with self._lock:
                    self.give_up()
                continue
            with self._lock:
                del self._unsent[:sent]


class Room:
    """Everybody in it, by the number of their sockets, and the lock on that."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._users: dict[int, Guest] = {}
        self._departures = 0
        self._lock = threading.Condition()  # of both; notified when somebody has left

    def serve(self) -> None:
        """Wait for users and give each a thread, for ever."""
        arrival = select.poll()
        arrival.register(self._listener, select.POLLIN)
        while True:
            # accept takes the newcomer's number before it begins to wait (Linux): then it would be
            # one that was free long ago, not the lowest that is now.
            arrival.poll()
            before = self._departures
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:  # it came and went
                continue
            except OSError as error:
                perror("accept", error)
                with self._lock:  # no descriptor left: wait until somebody leaves
                    while self._users and self._departures == before:
                        self._lock.wait()
                continue
            self._join(connection)

    def _join(self, connection: socket.socket) -> None:
        guest = Guest(connection, self._lock)
        with self._lock:
            self._users[guest.number] = guest
            self._broadcast(joined(guest.number), about=guest.number)
        if not start(threading.Thread(target=self._attend, args=(guest,), daemon=True)):
            guest.dead = True
            self._leave(guest)

    def _attend(self, guest: Guest) -> None:
        """A user's thread: hear it until it hangs up."""
        while True:
            try:
                data = guest.connection.recv(MAX_DATA)
            except OSError:
                guest.dead = True
                break
            if not data:
                break
            with self._lock:
                self._broadcast(said(guest.number, data), about=guest.number)
        self._leave(guest)

    def _leave(self, guest: Guest) -> None:
        with self._lock:
            del self._users[guest.number]
            sender = guest.sender
            message = lost(guest.number) if guest.dead else left(guest.number)
            if sender is not None:
                guest.give_up()
        if sender is not None:
            sender.join()  # it must not send to the number when somebody else has got that
        with self._lock:
            guest.connection.close()
            self._departures += 1
            self._broadcast(message)
            self._lock.notify()

    def _broadcast(self, message: bytes, about: int | None = None) -> None:
        """Print `message`, and send it to everybody but the one it is about; with the lock."""
        printf("%s", message)
        for number, guest in self._users.items():
            if number != about:
                guest.send(message + END)


def start(thread: threading.Thread) -> bool:
    """Start it; says so if there cannot be another."""
    try:
        thread.start()
    except RuntimeError:
        complain("pthread_create: Resource temporarily unavailable")
        return False
    return True


def main() -> None:
    threading.stack_size(STACK)
    listener = open_room(__doc__)
    listener.setblocking(False)
    printf("started the main poll loop\n")
    Room(listener).serve()


if __name__ == "__main__":
    main()
