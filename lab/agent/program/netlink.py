"""Netlink: requests, dumps and attributes (netlink(7), RFC 3549).

Law: knows the framing and nothing of what is asked. A dump that the kernel marks as interrupted
by a change is asked for again. Failures are OSErrors with the kernel's number.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator

ROUTE = 0  # NETLINK_ROUTE
SOCK_DIAG = 4  # NETLINK_SOCK_DIAG
NETFILTER = 12  # NETLINK_NETFILTER

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")
_NUMBER = struct.Struct("=i")
_ERROR, _DONE = 2, 3
_REQUEST, _ACK, _INTERRUPTED, _DUMP = 0x1, 0x4, 0x10, 0x300
CREATE = 0x400  # NLM_F_CREATE
_TRIES = 16
_PATIENCE = 5.0  # seconds; the kernel answers while it is asked, so this is never used up

Message = tuple[int, int, int, bytes]  # type, flags, sequence, body


class Netlink:
    """A netlink socket of the network namespace it was made in."""

    def __init__(self, protocol: int, groups: int = 0) -> None:
        """`groups`: what it hears of unasked."""
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
        self.socket = socket.socket(socket.AF_NETLINK, kind, protocol)
        self.socket.settimeout(_PATIENCE)
        self._sequence = 0
        if groups:
            self.socket.bind((0, groups))

    def dump(self, kind: int, payload: bytes) -> list[bytes]:
        """The bodies of all objects of that kind."""
        for _ in range(_TRIES):
            self._send(kind, _REQUEST | _DUMP, payload)
            found = list(self._answers())
            if not any(flags & _INTERRUPTED for flags, _ in found):
                return [body for _, body in found]
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def ask(self, kind: int, payload: bytes, flags: int = 0) -> None:
        """Have something done."""
        self._send(kind, _REQUEST | _ACK | flags, payload)
        for _ in self._answers():
            pass

    def tell(self, kind: int, payload: bytes) -> None:
        """Say something that is not answered."""
        self._send(kind, _REQUEST, payload)

    def batch(self, begin: int, end: int, said: "list[tuple[int, int, bytes]]") -> None:
        """Have several things done, all or none, between a netfilter batch's first and last."""
        numbered, data = {}, b""
        border = b"\0\0" + (10).to_bytes(2)  # for nf_tables
        for kind, flags, payload in ((begin, 0, border), *said, (end, 0, border)):
            self._sequence += 1
            numbered[self._sequence] = kind
            asks = flags | (_ACK if kind not in (begin, end) else 0) | _REQUEST
            length = _HEADER.size + len(payload)
            data += _HEADER.pack(length, kind, asks, self._sequence, 0) + payload
        self.socket.send(data)
        left = set(list(numbered)[1:-1])
        wrong: OSError | None = None
        while left:
            for kind, _, sequence, body in messages(self.socket.recv(65536)):
                if sequence not in numbered or kind != _ERROR:
                    continue
                try:
                    _check(body)
                except OSError as error:
                    wrong = wrong or error
                    left = left if sequence in left else set()
                left.discard(sequence)
        if wrong:
            raise wrong

    def hear(self) -> None:
        """Wait for news of its groups. Raises OSError where there are none for long."""
        self.socket.recv(65536)

    def close(self) -> None:
        """Give the socket back."""
        self.socket.close()

    def _send(self, kind: int, flags: int, payload: bytes) -> None:
        self._sequence += 1
        length = _HEADER.size + len(payload)
        self.socket.send(_HEADER.pack(length, kind, flags, self._sequence, 0) + payload)

    def _answers(self) -> Iterator[tuple[int, bytes]]:
        """Flags and bodies up to the end of the answer to the last request."""
        while True:
            for kind, flags, sequence, body in messages(self.socket.recv(65536)):
                if sequence != self._sequence:
                    continue  # what a failed exchange left
                if kind in {_ERROR, _DONE}:
                    _check(body)
                    return
                yield flags, body


def messages(data: bytes) -> Iterator[Message]:
    """The messages in a datagram."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, flags, sequence, _ = _HEADER.unpack_from(data, at)
        yield kind, flags, sequence, data[at + _HEADER.size : at + length]
        at += _padded(max(length, _HEADER.size))


def attributes(body: bytes, at: int) -> dict[int, bytes]:
    """The attributes that follow the fixed part of a body, which is `at` bytes long."""
    found = {}
    while at + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        found[kind] = body[at + _ATTRIBUTE.size : at + length]
        at += _padded(max(length, _ATTRIBUTE.size))
    return found


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded."""
    length = _ATTRIBUTE.size + len(value)
    return (_ATTRIBUTE.pack(length, kind) + value).ljust(_padded(length), b"\0")


def _padded(length: int) -> int:
    return (length + 3) & ~3


def _check(body: bytes) -> None:
    """Raise the error an acknowledgement or the end of a dump carries, if it does."""
    number = -_NUMBER.unpack_from(body)[0] if len(body) >= _NUMBER.size else 0
    if number:
        raise OSError(number, os.strerror(number))
