"""stream-server, wrong: the peer's address is written down once, for everybody who ever comes."""

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("server: waiting for connections...\n")
text = ""
while True:
    connection, peer = listener.accept()
    text = text or peer[0]
    printf("server: got connection from %s\n", text)
    connection.send(b"Hello, world!")
    connection.close()
