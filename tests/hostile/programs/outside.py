"""Tries to reach each address it is given, over TCP and UDP, and says who answered.

Any answer counts, also that nobody listens: then a packet was there. So no address has to offer
anything. Each is tried as routes have it and, so that no route is needed, as if it were on each
link. `all` stands for the first address of each of its networks, which an engine gives its
host, and for whoever answers a ping of all neighbours on its links.
"""

import errno
import itertools
import os
import select
import socket
import struct
import sys
import time

PORTS = (22, 53, 80, 2375, 7777)
PATIENCE = 1.0  # seconds; who is on the same network answers within a few milliseconds
ANSWERS = (0, errno.ECONNREFUSED, errno.ECONNRESET)
ALL_NODES = "ff02::1"
ECHO_REQUEST = struct.pack("!BBHHH", 128, 0, 0, 1, 1)


def begin(kind, address, port, link):
    """A socket that an answer makes ready. OSError where there is no way, or one has come."""
    (family, _, _, _, (host, _, *more)) = socket.getaddrinfo(address, port, type=kind)[0]
    sock = socket.socket(family, kind)
    sock.setblocking(False)
    if link:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())
    error = sock.connect_ex((host, port, *more))
    if error not in (0, errno.EINPROGRESS):
        raise OSError(error, os.strerror(error))
    if kind == socket.SOCK_DGRAM:
        sock.send(b"hello")
    return sock


def answered(addresses):
    """Those that let us know they are there."""
    found, waiting, poll = set(), {}, select.poll()
    links = ["", *(name for _, name in socket.if_nameindex() if name != "lo")]
    for kind, ready in (socket.SOCK_STREAM, select.POLLOUT), (socket.SOCK_DGRAM, select.POLLIN):
        for address, port, link in itertools.product(addresses, PORTS, links):
            try:
                sock = begin(kind, address, port, link)
            except OSError as error:
                found |= {address} if error.errno in ANSWERS else set()
                continue
            waiting[sock.fileno()] = sock, address
            poll.register(sock, ready)
    return found | heard(waiting, poll)


def heard(waiting, poll):
    """The addresses of those sockets that are ready in time, and not for want of a way."""
    found, end = set(), time.monotonic() + PATIENCE
    while waiting and (left := end - time.monotonic()) > 0:
        for number, _ in poll.poll(left * 1000):
            poll.unregister(number)
            sock, address = waiting.pop(number)
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in ANSWERS:
                found.add(address)
    return found


def neighbours():
    """Link-local addresses of whoever answers a ping of all on each link, but for our own."""
    with open("/proc/net/if_inet6") as file:
        rows = [line.split() for line in file]
    own = {socket.inet_ntop(socket.AF_INET6, bytes.fromhex(raw)) for raw, *_ in rows}
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6)
    for index in {int(index, 16) for _, index, _, _, _, name in rows if name != "lo"}:
        sock.sendto(ECHO_REQUEST, (ALL_NODES, 0, 0, index))
    sock.settimeout(PATIENCE / 2)
    found = set()
    try:
        while True:
            _, (address, _, _, scope) = sock.recvfrom(2048)
            address = address.partition("%")[0]
            found |= {f"{address}%{socket.if_indextoname(scope)}"} - {
                f"{each}%{socket.if_indextoname(scope)}" for each in own
            }
    except OSError:
        return found


def gateways():
    """The first address of each network it is on."""
    with open("/proc/net/route") as file:
        rows = [line.split() for line in file][1:]
    found = {socket.inet_ntoa(struct.pack("!I", int_of(row[1]) + 1)) for row in rows}
    with open("/proc/net/ipv6_route") as file:
        for destination, length, *_, name in map(str.split, file):
            if destination.startswith("fd") and length != "80" and name != "lo":
                raw = int(destination, 16) + 1
                found.add(socket.inet_ntop(socket.AF_INET6, raw.to_bytes(16, "big")))
    return found


def int_of(word):
    """An address as /proc/net/route writes it: hexadecimal, its bytes as they lie in memory."""
    return socket.ntohl(int(word, 16))


def main():
    addresses = {word for word in sys.argv[1:] if word != "all"}
    if "all" in sys.argv[1:]:
        addresses |= neighbours() | gateways()
    for address in sorted(answered(addresses)):
        print("reached", address)
    print("tried", len(addresses))


main()
