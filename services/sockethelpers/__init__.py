"""The guide's small library of socket helpers, on which multichatserver is written.

It prints nothing and ends nothing: what cannot be done is an exception, where C returns -1.
"""

from __future__ import annotations

import socket

SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class ListeningError(OSError):
    """No listening socket could be made; `call` is the system call that failed."""

    def __init__(self, call: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.call = call


def get_addr_struct(sockaddr: SocketAddress) -> str:
    """The address part of an IPv4 or IPv6 socket address, as inet_ntop prints it."""
    return sockaddr[0]


def get_port(sockaddr: SocketAddress) -> int:
    """The port of an IPv4 or IPv6 socket address."""
    return sockaddr[1]


def create_listening_socket(
    port: int, backlog: int, *, family: int = socket.AF_INET, reuseaddr: bool = True
) -> socket.socket:
    """A TCP socket listening on `port` of every local address of `family`.

    getaddrinfo's candidates are tried in order. Raises ListeningError for the last that failed.
    """
    candidates = socket.getaddrinfo(None, port, family, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
    failure = ListeningError("getaddrinfo", OSError())
    for found_family, kind, protocol, _, address in candidates:
        try:
            listener = socket.socket(found_family, kind, protocol)
        except OSError as error:
            failure = ListeningError("socket", error)
            continue
        call = "setsockopt"
        try:
            if reuseaddr:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            call = "bind"
            listener.bind(address)
            call = "listen"
            listener.listen(backlog)
        except OSError as error:
            listener.close()
            failure = ListeningError(call, error)
        else:
            return listener
    raise failure
