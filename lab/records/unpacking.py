"""A capture read back from the file that `pcapng` made of it.

Law: unpacked(pcapng(capture), capture.epoch, capture.gap) is the capture, its packets in the order
of time to the nanosecond. What pcapng() did not make is a ValueError.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lab.events import Capture, Packet

_INTERFACE, _PACKET = 1, 6
_NAME, _FLAGS, _OUTBOUND = 2, 2, 2
_SECOND = 1_000_000_000
_HEAD = struct.Struct("<IIIII")

Block = tuple[int, bytes]


def unpacked(data: bytes, epoch: float, gap: str) -> Capture:
    """The packets. `epoch` is what was added to their times."""
    links: list[tuple[str, str]] = []
    packets = []
    for kind, body in _blocks(data):
        if kind == _INTERFACE:
            node, _, network = _options(body[8:]).get(_NAME, b"").decode().partition(":")
            links.append((node, network))
        elif kind == _PACKET:
            packets.append(_packet(body, links, epoch))
    return Capture(tuple(packets), gap, epoch)


def _packet(body: bytes, links: list[tuple[str, str]], epoch: float) -> Packet:
    try:
        link, high, low, kept, length = _HEAD.unpack_from(body)
        node, network = links[link]
    except (struct.error, IndexError) as error:
        raise ValueError(f"a packet of no interface: {error}") from None
    start = _HEAD.size
    flags = _options(body[start + kept + (-kept % 4) :]).get(_FLAGS, bytes(4))
    outgoing = flags[0] & 3 == _OUTBOUND
    since = ((high << 32) | low) - round(epoch * _SECOND)
    return Packet(since / _SECOND, node, network, outgoing, body[start : start + kept], length)


def _blocks(data: bytes) -> Iterator[Block]:
    place = 0
    while place < len(data):
        try:
            kind, length = struct.unpack_from("<II", data, place)
        except struct.error as error:
            raise ValueError(f"a block is cut off: {error}") from None
        if length < 12 or length % 4 or place + length > len(data):
            raise ValueError(f"a block of {length} bytes")
        yield kind, data[place + 8 : place + length - 4]
        place += length


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    place = 0
    while place + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, place)
        if not code:
            break
        found[code] = data[place + 4 : place + 4 + length]
        place += 4 + length + (-length % 4)
    return found
