"""What crosses the links of one node, from the moment this is made.

Law: one packet socket sees every interface of its namespace, those that come later too; it never
sends. A capture is whole or says why it is not.
"""

import socket
import struct
import time
from collections import deque
from collections.abc import Sequence

from . import backlog
from .bpf import Line, attach
from .links import Links

_EVERYTHING = 3  # ETH_P_ALL
_BUFFER = 64 * 1024 * 1024  # of the kernel, for what is not read yet; taken only as it fills
_LARGEST = 256 * 1024  # bytes of a frame
_SO_TIMESTAMPNS = 35
_PACKET, _STATISTICS = 263, 6  # SOL_PACKET, PACKET_STATISTICS
_OTHERS, _OUTGOING = 3, 4  # PACKET_OTHERHOST, PACKET_OUTGOING (packet(7))
_TIMESPEC = struct.Struct("@ll")
_SECOND = 1_000_000_000
_TARGET, _SOURCE = slice(0, 6), slice(6, 12)  # of an Ethernet header
GONE = "gone"  # in place of a network: nobody can say any more which it was
_RECORD = struct.Struct("<dHBII")  # time, link, outgoing, length of the frame, of what is kept


class Budget:
    """Bytes that several captures together may keep."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit

    def take(self, count: int) -> bool:
        """Whether there was room."""
        self._left -= count
        return self._left >= 0

    @property
    def spent(self) -> str:
        """What to say once there was none."""
        return f"more than {self._limit >> 20} MiB crossed the links"


class Capture:
    """To be made inside the node's network namespace; `links` is of the same."""

    def __init__(self, program: Sequence[Line], links: Links, budget: Budget) -> None:
        self._links = links
        self._budget = budget
        self._networks: dict[str, int] = {}
        self._ethernets: dict[bytes, str] = {}  # networks by the node's own address on them
        self._records: deque[bytes] = deque()
        self._gap = ""
        self.count = 0  # packets so far
        self._buffer = bytearray(_LARGEST)
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_PACKET, kind, socket.htons(_EVERYTHING))
        attach(self._socket, program)
        backlog.allow(self._socket, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)

    def fileno(self) -> int:
        """Its descriptor, readable while there is something to drain."""
        return self._socket.fileno()

    def drain(self, most: int = 1 << 30) -> bool:
        """Read what is there, `most` packets of it; whether that was all."""
        self._links.refresh()
        offset = time.time_ns() - time.monotonic_ns()
        for _ in range(most):
            try:
                size, extra, _, source = self._socket.recvmsg_into([self._buffer], 64)
            except BlockingIOError:
                return True
            except OSError as error:
                self._gap = self._gap or f"the kernel gave no more packets: {error}"
                return True
            self._keep(size, _stamp(extra, offset), source)
        return False

    def _keep(self, size: int, stamp: int, source: tuple[str, int, int]) -> None:
        if source[2] == _OTHERS or self._gap:
            return  # flooded by the bridge, which did not know yet where to: for others
        outgoing = source[2] == _OUTGOING
        network = self._network(source[0], outgoing=outgoing)
        kept = min(size, _LARGEST)
        if not self._budget.take(kept + _RECORD.size):
            self._gap = self._budget.spent
            return
        link = self._networks.setdefault(network, len(self._networks))
        head = _RECORD.pack(stamp / _SECOND, link, outgoing, size, kept)
        self._records.append(head + self._buffer[:kept])
        self.count += 1

    def _network(self, interface: str, *, outgoing: bool) -> str:
        """Of the packet that was just read; its interface may be gone since, "" then."""
        own = bytes(self._buffer[_SOURCE] if outgoing else self._buffer[_TARGET])
        if not interface:
            return self._ethernets.get(own, GONE)
        network = self._links.network(interface)
        if outgoing:
            self._ethernets[own] = network
        return network

    def take(self, most: int) -> dict[str, object]:
        """About `most` bytes of what was not taken yet; `more`: there is more."""
        parts = []
        while self._records and most > 0:
            parts.append(self._records.popleft())
            most -= len(parts[-1])
        more = bool(self._records)
        return {"packets": _text(b"".join(parts)), "links": list(self._networks), "more": more}

    def state(self) -> dict[str, object]:
        """Why it is not whole, and what makes its times seconds since 1970."""
        _, dropped = struct.unpack("II", self._socket.getsockopt(_PACKET, _STATISTICS, 8))
        if dropped:
            self._gap = self._gap or f"the kernel dropped {dropped} packets before they were read"
        return {"gap": self._gap, "epoch": time.time() - time.monotonic()}

    def close(self) -> None:
        """Let go of it, without waiting: the kernel takes 20 ms to be sure nobody uses it."""
        from threading import Thread  # noqa: PLC0415 - few runs get here

        self._links.close()
        Thread(target=self._socket.close).start()


def _stamp(extra: Sequence[tuple[int, int, bytes]], offset: int) -> int:
    """When the kernel saw it, in nanoseconds on the monotonic clock."""
    for _, kind, data in extra:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds) * _SECOND + int(nanoseconds) - offset
    return time.monotonic_ns()


def _text(data: bytes) -> str:
    """As base64 has it."""
    from binascii import b2a_base64  # noqa: PLC0415 - few runs get here

    return b2a_base64(data, newline=False).decode()
