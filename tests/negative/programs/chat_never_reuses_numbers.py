"""multichatserver, wrong: it counts its users, and a number is never used again."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import STDOUT, printf
from sockethelpers import create_listening_socket

line = CommandLine("Usage: PORT MAX_ROOM_SIZE", None, 2, family="ipv4", usage_on=STDOUT)
listener = create_listening_socket(int(line.arguments[0]), 512, family=line.family)
users: dict[int, socket.socket] = {}
printf("started the main poll loop\n")

count = 3


def number_of(one: socket.socket) -> int:
    return next(number for number, user in users.items() if user is one)


def broadcast(message: bytes, about: int) -> None:
    printf("%s", message)
    for number, user in users.items():
        if number != about:
            user.sendall(message + b"\0")


while True:
    for ready in select.select([listener, *users.values()], [], [])[0]:
        if ready is listener:
            count += 1
            users[count] = listener.accept()[0]
            broadcast(b"user %d joined the chat room\n" % count, count)
            continue
        who = number_of(ready)
        if data := ready.recv(256):
            broadcast(b"user %d: %b" % (who, data), who)
        else:
            users.pop(who).close()
            broadcast(b"user %d disconnected\n" % who, who)
