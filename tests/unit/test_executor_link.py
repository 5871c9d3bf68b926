"""The link: frames in, commands out, one flood holding nobody up, an end told once."""

from __future__ import annotations

import functools
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from lab.executor.link import HolderLink
from lab.executor.loop import Loop
from lab.frames import Event, Held, Stdout
from lab.runner import MonotonicClock

LONG = 30.0  # seconds; a test that waits for it has failed


def frame(kind: bytes, payload: bytes = b"", *, stream: int = 1) -> bytes:
    """What the engine passes on of a holder's frame."""
    inner = struct.pack(">BBHIQ", kind[0], 0, 0, len(payload), 0) + payload
    return struct.pack(">BxxxL", stream, len(inner)) + inner


@dataclass
class Ends:
    """A link and its far end."""

    loop: Loop
    link: HolderLink
    far: socket.socket
    taken: list[Event] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def turn_until(self, wanted: int) -> None:
        assert self.loop.until(lambda: len(self.taken) + len(self.gone) >= wanted, self.soon())

    def soon(self) -> float:
        return self.loop.clock.now() + LONG


@pytest.fixture
def ends() -> Iterator[Ends]:
    with Loop(MonotonicClock()) as loop:
        near, far = socket.socketpair()
        taken: list[Event] = []
        gone: list[str] = []
        with near, far:
            link = HolderLink(loop, near, taken.append, gone.append)
            yield Ends(loop, link, far, taken, gone)


def test_bytes_become_events_however_they_are_split(ends: Ends) -> None:
    data = frame(b"H", b"\1") + frame(b"O", b"hello\n")
    for byte in data:
        ends.far.send(bytes([byte]))
        ends.loop.until(lambda: True, ends.soon())
    ends.turn_until(2)
    assert ends.taken == [Held(0.0, 0, 1), Stdout(0.0, 0, b"hello\n")]


def test_commands_go_out_however_slowly_they_are_taken(ends: Ends) -> None:
    data = bytes(range(256)) * 20_000
    ends.link.send(data)
    received = bytearray()
    ends.far.setblocking(False)

    def take() -> bool:
        with suppress(BlockingIOError):
            received.extend(ends.far.recv(1 << 20))
        return len(received) == len(data)

    assert ends.loop.until(take, ends.soon())
    assert received == data


def test_the_end_of_the_stream_is_told_once_whatever_is_sent_afterwards(ends: Ends) -> None:
    ends.far.close()
    ends.turn_until(1)
    ends.link.send(b"nobody reads this")
    ends.link.close()
    assert ends.gone == ["its stream ended"]


def test_the_holders_own_complaint_is_part_of_the_reason(ends: Ends) -> None:
    said = b"holder: out of memory\n"
    ends.far.send(struct.pack(">BxxxL", 2, len(said)) + said)
    ends.far.close()
    ends.turn_until(1)
    assert ends.gone == ["its stream ended: holder: out of memory"]


def test_what_makes_no_sense_ends_the_link(ends: Ends) -> None:
    ends.far.send(frame(b"?"))
    ends.turn_until(1)
    assert len(ends.gone) == 1
    assert ends.taken == []


class Endless(socket.socket):
    """A socket that never runs dry."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return frame(b"O", b"x" * 1000)


def test_a_flood_leaves_room_for_what_others_post(ends: Ends) -> None:
    near, far = socket.socketpair()
    flood = Endless(fileno=near.detach())
    with flood, far:
        far.send(b"readable, and left unread")
        link = HolderLink(ends.loop, flood, ends.taken.append, ends.gone.append)
        turns: list[int] = []
        for number in range(10):
            ends.loop.post(functools.partial(turns.append, number))
            assert ends.loop.until(lambda count=number: len(turns) > count, ends.soon())  # type: ignore[misc]
        assert ends.taken
        link.close()


def test_letting_go_tells_nobody(ends: Ends) -> None:
    ends.link.close()
    assert ends.loop.until(lambda: True, ends.soon())
    assert ends.gone == []
    assert ends.far.recv(1) == b""
