"""Queueing disciplines of a network namespace's interfaces: a bypass, and netem beside it.

Law: speaks through a route socket of that namespace. All packets take the bypass but those told
to be of a class (skb->priority, set by a rule). Sources: linux/pkt_sched.h, linux/rtnetlink.h,
linux/gen_stats.h.
"""

import struct
from typing import NamedTuple

from .netlink import CREATE, Netlink, attribute, attributes

BANDS = range(1, 16)  # 0 is the bypass

_NEW, _DELETE, _GET = 36, 37, 38
_MESSAGE = struct.Struct("=BxxxiIII")  # family, interface, handle, parent, info
_ROOT = 0xFFFFFFFF
_HANDLE = 0x01AB << 16
_KIND, _OPTIONS, _STATISTICS = 1, 2, 7  # TCA_*
_QUEUE = 3  # TCA_STATS_QUEUE
_COUNTS = struct.Struct("=III")  # packets that wait, their bytes, packets thrown away
_PRIO = struct.Struct("=i16s")  # bands, the band of each priority that is no class
_FIFO = struct.Struct("=I")  # packets that may wait
_NETEM = struct.Struct("=6I")  # latency, limit, loss, gap, duplicate, jitter
_RATE, _RATE64 = 6, 8  # TCA_NETEM_*
_PACE = struct.Struct("=IiIi")  # bytes in a second, overhead of a packet, cells' size, overhead
_FRAME = -14  # a packet is counted from its IP header on, as everywhere in the lab
_TICK = 64e-9  # seconds; in these the kernel's packet schedulers count
_REPLACE = 0x100  # NLM_F_REPLACE
_MOST = 65536  # packets that may wait, as in the queue's way
_WIDEST = 0xFFFFFFFF


class Waiting(NamedTuple):
    """What a discipline holds; `band` None: it is the root, which counts for all."""

    interface: int
    band: int | None
    packets: int
    bytes: int
    dropped: int


def class_of(band: int) -> int:
    """The class that packets of a band are told to be of."""
    return _HANDLE | (band + 1)


def begin(netlink: Netlink, interface: int) -> None:
    """Give the interface the bypass and the empty bands. Raises OSError."""
    prio = _PRIO.pack(1 + len(BANDS), bytes(16))
    _put(netlink, (interface, _HANDLE, _ROOT), "prio", prio)
    _put(netlink, (interface, 0, class_of(0)), "pfifo", _FIFO.pack(_MOST))


def emulate(netlink: Netlink, interface: int, band: int, delay: float, rate: float) -> None:
    """Have a band delay (in seconds) and slow down (to bits in a second; 0: not at all)."""
    pace = int(rate / 8)
    options = _NETEM.pack(round(delay / _TICK), _MOST, 0, 0, 0, 0)
    options += attribute(_RATE, _PACE.pack(min(pace, _WIDEST), _FRAME, 0, 0))
    if pace > _WIDEST:
        options += attribute(_RATE64, struct.pack("=Q", pace))
    _put(netlink, (interface, 0, class_of(band)), "netem", options)


def end(netlink: Netlink, interface: int) -> None:
    """All away; what waits is lost. Raises OSError."""
    netlink.ask(_DELETE, _MESSAGE.pack(0, interface, _HANDLE, _ROOT, 0))


def waiting(netlink: Netlink) -> list[Waiting]:
    """What waits in those made here."""
    found = []
    for body in netlink.dump(_GET, _MESSAGE.pack(0, 0, 0, 0, 0)):
        _, interface, handle, parent, _ = _MESSAGE.unpack_from(body)
        if handle != _HANDLE and parent & 0xFFFF0000 != _HANDLE:
            continue
        statistics = attributes(attributes(body, _MESSAGE.size)[_STATISTICS], 0)
        band = None if handle == _HANDLE else (parent & 0xFFFF) - 1
        found.append(Waiting(interface, band, *_COUNTS.unpack_from(statistics[_QUEUE])))
    return found


def _put(netlink: Netlink, place: "tuple[int, int, int]", kind: str, options: bytes) -> None:
    """In place of what is there; of the same kind, it is changed."""
    message = _MESSAGE.pack(0, *place, 0)
    message += attribute(_KIND, kind.encode() + b"\0") + attribute(_OPTIONS, options)
    netlink.ask(_NEW, message, CREATE | _REPLACE)
