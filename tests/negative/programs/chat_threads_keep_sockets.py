"""chatserver-threads, wrong: the thread of who hung up ends, and its socket stays open."""

import socket
import threading

from clibrary.arguments import CommandLine
from clibrary.stdio import STDOUT, printf
from sockethelpers import create_listening_socket

line = CommandLine("Usage: PORT MAX_ROOM_SIZE", None, 2, family="ipv4", usage_on=STDOUT)
listener = create_listening_socket(int(line.arguments[0]), 512, family=line.family)
users: dict[int, socket.socket] = {}
kept: list[socket.socket] = []
room = threading.Lock()
printf("started the main poll loop\n")


def broadcast(message: bytes, about: int) -> None:
    with room:
        printf("%s", message)
        for number, user in users.items():
            if number != about:
                user.sendall(message + b"\0")


def serve(user: socket.socket) -> None:
    who = user.fileno()
    broadcast(b"user %d joined the chat room\n" % who, who)
    while data := user.recv(256):
        broadcast(b"user %d: %b" % (who, data), who)
    with room:
        kept.append(users.pop(who))
    broadcast(b"user %d disconnected\n" % who, who)


while True:
    newcomer = listener.accept()[0]
    users[newcomer.fileno()] = newcomer
    threading.Thread(target=serve, args=[newcomer]).start()
