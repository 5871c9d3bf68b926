"""TCP and UDP sockets, and how many there are, from the texts in /proc/PID/net (proc(5)).

Law: pure functions of those texts, which show the network namespace of that process. The counts
cost a hundredth of a table: they tell cheaply that a table has changed.
"""

import socket
import sys

from .table import Row, row

TABLES = ("tcp", "tcp6", "udp", "udp6")
COUNTS = ("sockstat", "sockstat6")
_COUNTED = frozenset({"TCP", "TCP6", "UDP", "UDP6"})
_WORD = 4


def sockets(transport: str, text: str) -> list[Row]:
    """The rows of one table; `transport` is tcp or udp."""
    found = []
    for line in text.splitlines()[1:]:
        _, local, remote, state, queues, *_ = line.split()
        unsent, _, received = queues.partition(":")
        numbers = (int(received, 16), int(unsent, 16))
        found.append(row(transport, endpoint(local), endpoint(remote), int(state, 16), numbers))
    return found


def endpoint(text: str) -> tuple[str, int]:
    """`0100007F:1F90` -> 127.0.0.1 and 8080: 32-bit words as the host stores them, in hex."""
    words, _, port = text.partition(":")
    raw = bytes.fromhex(words)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + _WORD][::-1] for at in range(0, len(raw), _WORD))
    family = socket.AF_INET if len(raw) == _WORD else socket.AF_INET6
    return socket.inet_ntop(family, raw), int(port, 16)


def counts(text: str) -> list[tuple[str, str]]:
    """Of each table, how many sockets are in it and how many in TIME-WAIT (sockstat)."""
    found = []
    for line in text.splitlines():
        protocol, _, rest = line.partition(":")
        words = rest.split()
        values = dict(zip(words[::2], words[1::2], strict=False))
        if protocol in _COUNTED:
            found += [(protocol, values.get(name, "")) for name in ("inuse", "tw")]
    return found
