"""The interfaces of a network namespace, and what becomes of a cable (rtnetlink(7), veth(4)).

Law: speaks through a route socket made in that namespace. A cable is pulled at its other end, so
that the node keeps its interface, addresses and routes and only sees no carrier.
"""

import struct
import sys

from .netlink import ROUTE, Netlink, attribute, attributes

_NEW_LINK, _GET_LINK = 16, 18
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, change
_IFLA_IFNAME, _IFLA_LINK, _IFLA_OPERSTATE, _IFLA_LINKINFO, _IFLA_GSO_MAX_SEGS = 3, 5, 16, 18, 40
_KIND = 1  # IFLA_INFO_KIND
_ADMITTED = 0x1  # IFF_UP
_UP = 6  # IF_OPER_UP
_CHANGES = 0x1  # RTMGRP_LINK


class Link:
    """An interface; `peer` is the index of a veth's other end where that is, `kind` a driver's.

    `segments`: how many it is handed as one, at most (segmentation offload).
    """

    __slots__ = ("flags", "kind", "name", "peer", "segments", "working")

    def __init__(
        self, name: str, kind: str, flags: int, peer: int, segments: int, *, working: bool
    ) -> None:
        self.name = name
        self.kind = kind
        self.flags = flags
        self.peer = peer
        self.segments = segments
        self.working = working


def links(netlink: Netlink) -> dict[int, Link]:
    """All interfaces by their indices."""
    found = {}
    for body in netlink.dump(_GET_LINK, _LINK.pack(0, 0, 0, 0, 0)):
        _, _, index, flags, _ = _LINK.unpack_from(body)
        values = attributes(body, _LINK.size)
        name = _word(values.get(_IFLA_IFNAME, b""))
        kind = _word(attributes(values.get(_IFLA_LINKINFO, b""), 0).get(_KIND, b""))
        peer, segments = (
            int.from_bytes(values.get(which, b""), sys.byteorder)
            for which in (_IFLA_LINK, _IFLA_GSO_MAX_SEGS)
        )
        working = values.get(_IFLA_OPERSTATE, b"")[:1] == bytes([_UP])
        found[index] = Link(name, kind, flags, peer, segments, working=working)
    return found


def change(netlink: Netlink, index: int, values: bytes = b"", flags: int = 0, of: int = 0) -> None:
    """Have an interface have these attributes, and of the flags `of` these. Raises OSError."""
    netlink.ask(_NEW_LINK, _LINK.pack(0, 0, index, flags, of) + values)


def limit_segments(netlink: Netlink, index: int, most: int) -> None:
    """Have an interface be handed at most so many segments as one. Raises OSError."""
    change(netlink, index, attribute(_IFLA_GSO_MAX_SEGS, struct.pack("=I", most)))


def _word(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="backslashreplace")


class End:
    """One end of a cable, in the namespace this is made in: the interface of an index."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._news = Netlink(ROUTE, _CHANGES)
        self._netlink = Netlink(ROUTE)

    def switch(self, *, on: bool) -> None:
        """Bring the interface up or down."""
        change(self._netlink, self._index, flags=_ADMITTED * on, of=_ADMITTED)

    def settle(self, *, on: bool) -> None:
        """Wait until the interface works, or does not. Raises OSError where that takes long."""
        while links(self._netlink)[self._index].working != on:
            self._news.hear()

    def close(self) -> None:
        """Give the sockets back."""
        self._news.close()
        self._netlink.close()
