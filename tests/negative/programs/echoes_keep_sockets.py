"""echoserver-threads, wrong: the thread of who hung up ends, and its socket stays open."""

import socket
import threading

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: echoserver-threads", None, family="ipv4", port=3490, reuseaddr=True)
listener = create_listening_socket(line.port, 512, family=line.family)
kept: list[socket.socket] = []


def attend(client: socket.socket) -> None:
    while data := client.recv(4096):
        client.sendall(data)


printf("echoserver-threads: listening on 0.0.0.0 port %d\n", line.port)
while True:
    kept.append(listener.accept()[0])
    threading.Thread(target=attend, args=[kept[-1]]).start()
