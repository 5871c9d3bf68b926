"""Copies of packets, sent on by an interface past the rules that queue.

Law: the bytes go as they are, headers included (raw(7), ipv6(7)); the mark tells the rules that
they were queued once. What the kernel refuses is an error of the impairment, and is counted.
"""

import socket

from .spared import IMPAIRED

_BIND_TO_DEVICE = 25  # SO_BINDTODEVICE
_MARK = 36  # SO_MARK


class Outlet:
    """For the network namespace this is made in; sockets are made as they are needed."""

    def __init__(self) -> None:
        self._sockets: dict[tuple[int, int], socket.socket] = {}
        self.refused = ""

    def send(self, data: bytes, destination: str, interface: int) -> None:
        """Send a packet on."""
        family = socket.AF_INET6 if ":" in destination else socket.AF_INET
        to = (destination, 0, 0, interface) if family == socket.AF_INET6 else (destination, 0)
        try:
            self._socket(family, interface).sendto(data, to)
        except OSError as error:
            self.refused = str(error)

    def _socket(self, family: int, interface: int) -> socket.socket:
        key = (family, interface)
        if key not in self._sockets:
            made = socket.socket(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_RAW)
            made.setsockopt(socket.SOL_SOCKET, _MARK, IMPAIRED)
            name = socket.if_indextoname(interface).encode()
            made.setsockopt(socket.SOL_SOCKET, _BIND_TO_DEVICE, name + b"\0")
            self._sockets[key] = made
        return self._sockets[key]
