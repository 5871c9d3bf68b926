"""simplestreamserver, wrong: after a send that took a part, it sends the whole piece again."""

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: simplestreamserver", None, family="ipv4", port=3490)
where = f"0.0.0.0:{line.port}"
printf("[server] trying to open a listening socket to %s ...\n", where)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("[server] successfully opened a listening socket to %s\n", where)
connection, (peer, _) = listener.accept()
listener.close()
printf("[server] got conncetion from %s\n", peer)
while True:
    printf("[server] waiting for message from client %s\n", peer)
    data = connection.recv(4096)
    if not data:
        break
    printf("[server] received message from client %s: %s\n", peer, data)
    # What a socket that is full does now and then, done every time.
    if connection.send(data[:1024]) < len(data):
        connection.sendall(data)
printf("[server] client %s hung up\n", peer)
