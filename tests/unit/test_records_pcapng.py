"""What was captured as a file for Wireshark, read back by the format's own description."""

import struct
from collections.abc import Iterator

from lab.events import Capture, Packet
from lab.records.pcapng import pcapng

FRAME = bytes(range(61))
CAPTURE = Capture(
    (
        Packet(2.5, "talker", "lan", outgoing=True, data=FRAME, length=61),
        Packet(2.500000001, "listener", "lan", outgoing=False, data=FRAME[:40], length=61),
        Packet(3.0, "talker", "wan", outgoing=False, data=b"", length=9),
    ),
    epoch=1_700_000_000.0,
)


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each block's type and body; its length stands before and behind it."""
    place = 0
    while place < len(data):
        kind, length = struct.unpack_from("<II", data, place)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, place + length - 4) == (length,)
        yield kind, data[place + 8 : place + length - 4]
        place += length
    assert place == len(data)


def options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    place = 0
    while place < len(data):
        code, length = struct.unpack_from("<HH", data, place)
        if not code:
            assert place + 4 == len(data)
            return found
        found[code] = data[place + 4 : place + 4 + length]
        place += 4 + (length + 3) // 4 * 4
    assert not data
    return found


def test_a_section_comes_first() -> None:
    kind, body = next(blocks(pcapng(CAPTURE)))
    assert kind == 0x0A0D0D0A
    assert struct.unpack_from("<IHHq", body) == (0x1A2B3C4D, 1, 0, -1)
    assert options(body[16:]) == {}


def test_interfaces_are_named_by_node_and_network() -> None:
    found = [body for kind, body in blocks(pcapng(CAPTURE)) if kind == 1]
    assert [struct.unpack_from("<HHI", body) for body in found] == [(1, 0, 0)] * 3
    assert [options(body[8:]) for body in found] == [
        {2: name, 9: b"\x09"} for name in (b"listener:lan", b"talker:lan", b"talker:wan")
    ]


def test_packets_have_their_interface_time_length_and_direction() -> None:
    found = [body for kind, body in blocks(pcapng(CAPTURE)) if kind == 6]
    heads = [struct.unpack_from("<IIIII", body) for body in found]
    times = [(high << 32) + low for _, high, low, _, _ in heads]
    assert [head[0] for head in heads] == [1, 0, 2]
    assert [head[3:] for head in heads] == [(61, 61), (40, 61), (0, 9)]
    assert times == [
        1_700_000_002_500_000_000,
        1_700_000_002_500_000_001,
        1_700_000_003_000_000_000,
    ]
    assert [body[20 : 20 + head[3]] for body, head in zip(found, heads, strict=True)] == [
        FRAME, FRAME[:40], b"",
    ]  # fmt: skip
    flags = [
        options(body[20 + (head[3] + 3) // 4 * 4 :])[2]
        for body, head in zip(found, heads, strict=True)
    ]
    assert flags == [struct.pack("<I", flag) for flag in (2, 1, 1)]


def test_one_that_is_not_whole_says_so() -> None:
    _, body = next(blocks(pcapng(Capture(gap="the kernel dropped 3 packets"))))
    assert options(body[16:]) == {1: b"not whole: the kernel dropped 3 packets"}
