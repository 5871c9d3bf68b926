"""talker, wrong: it also tells everybody on the network, over IPv4, that it is there.

That takes no address and no right: a broadcast by an interface goes out from 0.0.0.0.
"""

import socket
import struct

from clibrary.arguments import CommandLine
from clibrary.netdb import getaddrinfo
from clibrary.stdio import printf

IP_UNICAST_IF = 50  # linux/in.h

line = CommandLine("usage: talker hostname message", None, 2, family="ipv6", port=4950)
hostname, message = line.arguments
listener = getaddrinfo(hostname, line.port, line.family, socket.SOCK_DGRAM)[0]
sender = socket.socket(listener.family, socket.SOCK_DGRAM)
printf("talker: sent %d bytes to %s\n", sender.sendto(message, listener.address), hostname)
crier = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
crier.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for number, name in socket.if_nameindex():
    if name != "lo":
        crier.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, struct.pack("!I", number))
        crier.sendto(b"talker is here", ("255.255.255.255", line.port))
