"""echoserver-epoll, wrong: who hung up stays registered, and can be read for ever."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: echoserver-epoll", None, family="ipv4", port=3490, reuseaddr=True)
listener = create_listening_socket(line.port, 512, family=line.family)
clients: dict[int, socket.socket] = {}
epoll = select.epoll()
epoll.register(listener, select.EPOLLIN)
printf("echoserver-epoll: listening on 0.0.0.0 port %d\n", line.port)
while True:
    for number, _ in epoll.poll():
        if number == listener.fileno():
            newcomer = listener.accept()[0]
            clients[newcomer.fileno()] = newcomer
            epoll.register(newcomer, select.EPOLLIN)
        elif data := clients[number].recv(4096):
            clients[number].sendall(data)
