"""chatserver-threads, wrong: the thread of who hung up ends, and its socket stays open."""

import socket
import threading

from parts.room import Room


class Threads(Room):
    def __init__(self) -> None:
        self.kept: list[socket.socket] = []
        self.lock = threading.Lock()
        super().__init__()

    def serve(self) -> None:
        while True:
            newcomer = self.listener.accept()[0]
            threading.Thread(target=self.attend, args=[newcomer]).start()

    def attend(self, user: socket.socket) -> None:
        with self.lock:
            self.admit(user)
        while data := user.recv(256):
            with self.lock:
                self.broadcast(b"user %d: %b" % (user.fileno(), data), user.fileno())
        with self.lock:
            self.leave(user.fileno())

    def leave(self, who: int) -> None:
        self.kept.append(self.users.pop(who))
        self.broadcast(b"user %d disconnected\n" % who, who)


Threads().serve()
