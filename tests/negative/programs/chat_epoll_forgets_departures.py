"""chatserver-epoll, wrong: recv's 0 is not looked at: who hung up stays, and epoll never rests."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import STDOUT, printf
from sockethelpers import create_listening_socket

line = CommandLine("Usage: PORT MAX_ROOM_SIZE", None, 2, family="ipv4", usage_on=STDOUT)
listener = create_listening_socket(int(line.arguments[0]), 512, family=line.family)
users: dict[int, socket.socket] = {}
waiting: list[socket.socket] = [listener]
printf("started the main poll loop\n")


def broadcast(message: bytes, about: int) -> None:
    printf("%s", message)
    for number, user in users.items():
        if number != about:
            user.sendall(message + b"\0")


while True:
    for ready in select.select(waiting, [], [])[0]:
        if ready is listener:
            newcomer = listener.accept()[0]
            users[newcomer.fileno()] = newcomer
            waiting.append(newcomer)
            broadcast(b"user %d joined the chat room\n" % newcomer.fileno(), newcomer.fileno())
        elif data := ready.recv(256):
            broadcast(b"user %d: %b" % (ready.fileno(), data), ready.fileno())
