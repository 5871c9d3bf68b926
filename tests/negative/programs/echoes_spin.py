"""echoserver-poll, wrong: its poll does not wait, so it asks again and again."""

import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: echoserver-poll", None, family="ipv4", port=3490, reuseaddr=True)
listener = create_listening_socket(line.port, 512, family=line.family)
clients: dict[int, socket.socket] = {}
poll = select.poll()
poll.register(listener, select.POLLIN)
printf("echoserver-poll: listening on 0.0.0.0 port %d\n", line.port)
while True:
    for number, _ in poll.poll(0):
        if number == listener.fileno():
            newcomer = listener.accept()[0]
            clients[newcomer.fileno()] = newcomer
            poll.register(newcomer, select.POLLIN)
        elif data := clients[number].recv(4096):
            clients[number].sendall(data)
        else:
            poll.unregister(number)
            clients.pop(number).close()
