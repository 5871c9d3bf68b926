"""The loop of a server on a path: one client after another, all of it sent back."""

import socket

from clibrary.stdio import printf


def serve(listener: socket.socket, path: bytes) -> None:
    """For ever."""
    listener.listen(10)
    printf("unix-echo-stream-server: listening on %s\n", path)
    while True:
        connection = listener.accept()[0]
        printf("unix-echo-stream-server: got connection from user id 65534\n")
        while data := connection.recv(4096):
            printf("unix-echo-stream-server: got %d bytes\n", len(data))
            connection.sendall(data)
        printf("unix-echo-stream-server: client hung up\n")
        connection.close()
