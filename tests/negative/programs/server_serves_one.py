"""stream-server, wrong: accept stands before the loop's brace, so one client is all it serves."""

from clibrary.arguments import CommandLine
from clibrary.stdio import printf
from sockethelpers import create_listening_socket

line = CommandLine("usage: stream-server", None, family="any", port=3490)
listener = create_listening_socket(line.port, 10, family=line.family)
printf("server: waiting for connections...\n")
connection, peer = listener.accept()
printf("server: got connection from %s\n", peer[0])
connection.send(b"Hello, world!")
connection.close()
