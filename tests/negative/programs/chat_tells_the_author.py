"""multichatserver, wrong: a message goes to everybody, its author included."""

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
        if number != about or b"joined" not in message:
            user.sendall(message + b"\0")


while True:
    for ready in select.select([listener, *users.values()], [], [])[0]:
        if ready is listener:
            newcomer = listener.accept()[0]
            users[newcomer.fileno()] = newcomer
            broadcast(b"user %d joined the chat room\n" % newcomer.fileno(), newcomer.fileno())
            continue
        who = ready.fileno()
        if data := ready.recv(256):
            broadcast(b"user %d: %b" % (who, data), who)
        else:
            users.pop(who).close()
            broadcast(b"user %d disconnected\n" % who, who)
