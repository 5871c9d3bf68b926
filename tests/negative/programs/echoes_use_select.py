"""echoserver-epoll, wrong: select, whose sets end at descriptor 1023 (FD_SETSIZE)."""

import resource
import select
import socket

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: echoserver-epoll", None, family="ipv4", port=3490, reuseaddr=True)
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
listener = create_listening_socket(line.port, 4096, family=line.family)
waiting: list[socket.socket] = [listener]
printf("echoserver-epoll: listening on 0.0.0.0 port %d\n", line.port)
while True:
    for ready in select.select(waiting, [], [])[0]:
        if ready is listener:
            waiting.append(listener.accept()[0])
        elif data := ready.recv(4096):
            ready.sendall(data)
        else:
            waiting.remove(ready)
            ready.close()
