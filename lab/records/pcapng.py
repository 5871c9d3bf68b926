"""Captured packets as a file that Wireshark opens: pcapng (draft-ietf-opsawg-pcapng).

Law: one interface for each link, named `node:network`, in the order of names; times to the
nanosecond. A capture that is not whole says so in the file itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lab.events import Capture, Packet

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_ORDER, _UNKNOWN = 0x1A2B3C4D, 0xFFFFFFFFFFFFFFFF
_ETHERNET, _NO_LIMIT = 1, 0
_COMMENT, _NAME, _RESOLUTION, _FLAGS = 1, 2, 9, 2
_NANOSECONDS, _INBOUND, _OUTBOUND = 9, 1, 2
_END = bytes(4)
_SECOND = 1_000_000_000


def pcapng(capture: Capture) -> bytes:
    """The whole file."""
    return b"".join(_blocks(capture))


def _blocks(capture: Capture) -> Iterator[bytes]:
    comment = f"not whole: {capture.gap}" if capture.gap else ""
    yield _block(_SECTION, struct.pack("<IHHQ", _ORDER, 1, 0, _UNKNOWN) + _said(comment))
    links = {link: at for at, link in enumerate(sorted({_link(p) for p in capture.packets}))}
    for link in links:
        options = _option(_NAME, link.encode()) + _option(_RESOLUTION, bytes([_NANOSECONDS])) + _END
        yield _block(_INTERFACE, struct.pack("<HHI", _ETHERNET, 0, _NO_LIMIT) + options)
    for packet in capture.packets:
        yield _packet(packet, links[_link(packet)], capture.epoch)


def _link(packet: Packet) -> str:
    return f"{packet.node}:{packet.network}"


def _packet(packet: Packet, link: int, epoch: float) -> bytes:
    at = round(packet.time * _SECOND) + round(epoch * _SECOND)
    head = struct.pack("<IIIII", link, at >> 32, at & 0xFFFFFFFF, len(packet.data), packet.length)
    flags = struct.pack("<I", _OUTBOUND if packet.outgoing else _INBOUND)
    return _block(_PACKET, head + _padded(packet.data) + _option(_FLAGS, flags) + _END)


def _said(comment: str) -> bytes:
    return _option(_COMMENT, comment.encode()) + _END if comment else b""


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
