"""udp-echo-client, wrong: each message is sent once, and what is not answered at once is lost."""

import socket

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

line = CommandLine(
    "usage: udp-echo-client HOSTNAME",
    None,
    1,
    family="any",
    port=4950,
    numbers={"--messages": 5, "--at-once": 1, "--tries": 4},
    seconds={"--timeout": 0.5, "--linger": 0.0},
    switches=("--naive",),
)
server = getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_DGRAM)[0]
talker = socket.socket(server.family, socket.SOCK_DGRAM)
talker.connect(server.address)
talker.settimeout(0.5)
for number in range(1, line.numbers["--messages"] + 1):
    talker.send(b"message %d try 1" % number)
    try:
        talker.recv(65535)
    except TimeoutError:
        printf("udp-echo-client: message %d: lost\n", number)
    else:
        printf("udp-echo-client: message %d: answered\n", number)
