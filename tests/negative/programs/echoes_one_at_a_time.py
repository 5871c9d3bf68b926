"""echoserver-threads, wrong: no thread is begun, each client is served once the last hung up."""

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: echoserver-threads", None, family="ipv4", port=3490, reuseaddr=True)
listener = create_listening_socket(line.port, 512, family=line.family)
printf("echoserver-threads: listening on 0.0.0.0 port %d\n", line.port)
while True:
    connection = listener.accept()[0]
    while data := connection.recv(4096):
        connection.sendall(data)
    connection.close()
