"""What the agent's program captured, as the records of lab.events.

Law: pure; the shape of a packet is what program/capture.py calls a record.
"""

import struct
from binascii import a2b_base64
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from lab.events import Capture, Packet

_RECORD = struct.Struct("<dHBII")  # time, link, outgoing, length of the frame, of what is kept


def captured(parts: Sequence[Mapping[str, Any]], node: str) -> Capture:
    """The answers to `packets`, one after another."""
    packets = [packet for part in parts for packet in _packets(part, node)]
    last = parts[-1]
    return Capture(tuple(sorted(packets, key=attrgetter("time"))), last["gap"], last["epoch"])


def _packets(part: Mapping[str, Any], node: str) -> Iterator[Packet]:
    data, links = a2b_base64(part["packets"]), part["links"]
    place = 0
    while place < len(data):
        time, link, outgoing, length, kept = _RECORD.unpack_from(data, place)
        place += _RECORD.size
        frame = data[place : place + kept]
        yield Packet(time, node, links[link], bool(outgoing), frame, length)
        place += kept
