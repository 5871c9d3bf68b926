"""The kernel's queue of packets that wait for a verdict (linux/netfilter/nfnetlink_queue.h).

Law: what the kernel could not hand over is counted, never passed over in silence. Packets too
large for one frame by segmentation offload come one by one, as they would cross the wire.
"""

import errno
import struct
from collections.abc import Iterator
from typing import NamedTuple

from . import backlog
from .netlink import NETFILTER, Netlink, attribute, attributes, messages

_QUEUES = 3 << 8  # NFNL_SUBSYS_QUEUE
_PACKET, _VERDICT, _CONFIGURE = _QUEUES | 0, _QUEUES | 1, _QUEUES | 2
_HEADER = struct.Struct("!BBH")  # family, version, queue
_COMMAND, _PARAMETERS, _LENGTH = 1, 2, 3  # NFQA_CFG_*
_BIND = struct.pack("!BxH", 1, 0)
_WHOLE = struct.pack("!IB", 0xFFFF, 2)  # copy up to so many bytes of each packet
_MOST = 65536  # packets that may wait
_PACKET_HEADER, _VERDICT_HEADER, _OUT, _PAYLOAD = 1, 2, 6, 10  # NFQA_*
_DROP, _ACCEPT = 0, 1
_ROOM = 32 * 1024 * 1024  # bytes of packets not read yet
_STATUS = "/proc/self/net/netfilter/nfnetlink_queue"


class Waiting(NamedTuple):
    """A packet in the queue."""

    number: int
    interface: int
    data: bytes


class PacketQueue:
    """A queue of the network namespace this is made in. Raises OSError."""

    def __init__(self, number: int) -> None:
        self._netlink = Netlink(NETFILTER)
        self._number = number
        self._head = _HEADER.pack(0, 0, number)
        self._lost = 0
        self.socket = self._netlink.socket
        backlog.allow(self.socket, _ROOM)
        for kind, value in (
            (_COMMAND, _BIND),
            (_PARAMETERS, _WHOLE),
            (_LENGTH, struct.pack("!I", _MOST)),
        ):
            self._netlink.ask(_CONFIGURE, self._head + attribute(kind, value))
        self.socket.setblocking(False)

    def packets(self) -> Iterator[Waiting]:
        """Those that wait now, up to some."""
        for _ in range(64):
            try:
                data = self.socket.recv(1 << 17)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self._lost += 1
                continue
            for kind, _, _, body in messages(data):
                if kind == _PACKET:
                    yield _waiting(body)

    def accept(self, packet: Waiting, data: bytes) -> None:
        """Let it go on with these bytes."""
        changed = b"" if data == packet.data else attribute(_PAYLOAD, data)
        self._decide(packet, _ACCEPT, changed)

    def drop(self, packet: Waiting) -> None:
        """Have it vanish."""
        self._decide(packet, _DROP, b"")

    def overflowed(self) -> int:
        """How many packets the kernel threw away because nobody took them in time."""
        with open(_STATUS, encoding="ascii") as file:  # noqa: PTH123 - pathlib doubles the start
            fields = [line.split() for line in file]
        own = [f for f in fields if f and int(f[0]) == self._number]
        return self._lost + sum(int(f[5]) + int(f[6]) for f in own)

    def _decide(self, packet: Waiting, verdict: int, more: bytes) -> None:
        header = attribute(_VERDICT_HEADER, struct.pack("!II", verdict, packet.number))
        self._netlink.tell(_VERDICT, self._head + header + more)


def _waiting(body: bytes) -> Waiting:
    found = attributes(body, _HEADER.size)
    (number,) = struct.unpack_from("!I", found[_PACKET_HEADER])
    interface = int.from_bytes(found.get(_OUT, b""))
    return Waiting(number, interface, found.get(_PAYLOAD, b""))
