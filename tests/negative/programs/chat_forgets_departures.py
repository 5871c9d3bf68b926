"""multichatserver, wrong: who hangs up is taken out of the room, and nobody is told."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import STDOUT, printf
from sockethelpers import create_listening_socket

line = CommandLine("Usage: PORT MAX_ROOM_SIZE", None, 2, family="ipv4", usage_on=STDOUT)
listener = create_listening_socket(int(line.arguments[0]), 512, family=line.family)
users: dict[int, socket.socket] = {}
printf("started the main poll loop\n")


def broadcast(message: bytes, about: int) -> None:
    printf("%s", message)
    for number, user in users.items():
        if number != about:
            user.sendall(message + b"\0")


while True:
    for ready in select.select([listener, *users.values()], [], [])[0]:
        if ready is listener:
            newcomer = listener.accept()[0]
            users[newcomer.fileno()] = newcomer
            broadcast(b"user %d joined the chat room\n" % newcomer.fileno(), newcomer.fileno())
        elif data := ready.recv(256):
            broadcast(b"user %d: %b" % (ready.fileno(), data), ready.fileno())
        else:
            users.pop(ready.fileno()).close()
