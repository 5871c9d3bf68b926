"""lab.frames: what is written is what is read, however the bytes are split."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import frames

TIMES = st.integers(0, 2**40)
NUMBERS = st.integers(0, 255)
DATA = st.binary(max_size=300)


def frame(kind: str, process: int, payload: bytes, nanoseconds: int = 0) -> bytes:
    header = struct.pack(">BBHIQ", ord(kind), process, 0, len(payload), nanoseconds)
    return header + payload


EVENTS = st.one_of(
    st.builds(
        lambda time, process, pid: (
            frame("P", process, struct.pack(">I", pid), time),
            frames.Began(time / 1e9, process, pid),
        ),
        TIMES,
        NUMBERS,
        st.integers(0, 2**32 - 1),
    ),
    st.builds(
        lambda time, process, data: (
            frame("O", process, data, time),
            frames.Stdout(time / 1e9, process, data),
        ),
        TIMES,
        NUMBERS,
        DATA,
    ),
    st.builds(
        lambda time, process, data: (
            frame("R", process, data, time),
            frames.Stderr(time / 1e9, process, data),
        ),
        TIMES,
        NUMBERS,
        DATA,
    ),
    st.builds(
        lambda time, process: (
            frame("o", process, b"", time),
            frames.StdoutClosed(time / 1e9, process),
        ),
        TIMES,
        NUMBERS,
    ),
    st.builds(
        lambda time, token: (
            frame("n", 0, token.to_bytes(8, "big"), time),
            frames.Pong(time / 1e9, 0, token),
        ),
        TIMES,
        st.integers(0, 2**64 - 1),
    ),
)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    edges = [0, *places, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(st.lists(EVENTS), st.lists(st.integers(0, 10_000)))
def test_any_split_gives_the_same_events(
    pairs: list[tuple[bytes, frames.Event]], cuts: list[int]
) -> None:
    decoder = frames.Decoder()
    parts = split(b"".join(data for data, _ in pairs), cuts)
    assert [event for part in parts for event in decoder.feed(part)] == [e for _, e in pairs]
    assert decoder.whole


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (frame("H", 0, b"\x01", 1_500_000_000), frames.Held(1.5, 0, 1)),
        (frame("L", 0, struct.pack(">II", 1, 70000)), frames.Limits(0.0, 0, 1, 70000)),
        (frame("F", 3, struct.pack(">I", 2)), frames.NotBegun(0.0, 3, 2)),
        (frame("r", 0, b""), frames.StderrClosed(0.0, 0)),
        (frame("X", 0, b"\x00\x02"), frames.Ended(0.0, 0, 2, None)),
        (frame("X", 9, b"\x01\x0f"), frames.Ended(0.0, 9, None, 15)),
    ],
)
def test_event(data: bytes, event: frames.Event) -> None:
    assert list(frames.Decoder().feed(data)) == [event]


def test_an_unfinished_frame_is_not_whole() -> None:
    decoder = frames.Decoder()
    assert list(decoder.feed(frame("O", 0, b"abc")[:-1])) == []
    assert not decoder.whole


@pytest.mark.parametrize(
    "data",
    [
        frame("Q", 0, b""),
        frame("P", 0, b"\x01"),
        frame("X", 0, b""),
        frame("o", 0, b"x"),
        struct.pack(">BBHIQ", ord("O"), 0, 0, frames.PAYLOAD_LIMIT + 1, 0),
        b"exec /.lab/holder: no such file",
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(frames.FrameError):
        list(frames.Decoder().feed(data))


def test_events_before_a_malformed_frame_are_told() -> None:
    events = frames.Decoder().feed(frame("o", 0, b"") + frame("Q", 0, b""))
    assert next(events) == frames.StdoutClosed(0.0, 0)
    with pytest.raises(frames.FrameError):
        next(events)


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (frames.begin(0, ["echo", "a\nb", ""]), frame("S", 0, b"echo\0a\nb\0\0")),
        (frames.begin(2, [b"\xff", "\udcfe"]), frame("S", 2, b"\xff\0\xfe\0")),
        (frames.send(1, b"hello\n"), frame("I", 1, b"hello\n")),
        (frames.send(1, b""), b""),
        (frames.close_input(1), frame("E", 1, b"")),
        (frames.signal(0, 15), frame("K", 0, b"\x0f")),
        (frames.signal_group(3, 19), frame("G", 3, b"\x13")),
        (frames.kill_all(), frame("A", 0, b"")),
        (frames.ping(7), frame("N", 0, b"\0\0\0\0\0\0\0\x07")),
    ],
)
def test_command(command: bytes, data: bytes) -> None:
    assert command == data


def test_much_input_is_cut_into_frames() -> None:
    data = bytes(range(256)) * 300
    first, second = data[: frames.PAYLOAD_LIMIT], data[frames.PAYLOAD_LIMIT :]
    assert frames.send(0, data) == frame("I", 0, first) + frame("I", 0, second)


@pytest.mark.parametrize(
    ("process", "argv"), [(0, []), (0, ["a\0b"]), (256, ["a"]), (-1, ["a"]), (0, ["a" * 65536])]
)
def test_commands_no_frame_can_carry(process: int, argv: list[str]) -> None:
    with pytest.raises(frames.FrameError):
        frames.begin(process, argv)


ENGINE_FRAMES = st.lists(st.tuples(st.sampled_from([1, 2]), DATA))


@given(ENGINE_FRAMES, st.lists(st.integers(0, 10_000)))
def test_any_split_of_the_engines_stream_gives_the_same_bytes(
    sent: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    decoder = frames.EngineDecoder()
    data = b"".join(struct.pack(">BxxxL", stream, len(part)) + part for stream, part in sent)
    seen = [pair for part in split(data, cuts) for pair in decoder.feed(part)]
    for wanted in (frames.STDOUT, frames.STDERR):
        expected = b"".join(part for stream, part in sent if stream == wanted)
        assert b"".join(part for stream, part in seen if stream == wanted) == expected
    assert decoder.whole


def test_an_unfinished_engine_frame_gives_its_bytes_at_once() -> None:
    decoder = frames.EngineDecoder()
    assert list(decoder.feed(struct.pack(">BxxxL", 1, 5) + b"ab")) == [(1, b"ab")]
    assert not decoder.whole
    assert list(decoder.feed(b"cde")) == [(1, b"cde")]
    assert decoder.whole


@pytest.mark.parametrize("header", [b"\x07\0\0\0\0\0\0\x01", b"HTTP/1.1", b"\x01\0\x01\0\0\0\0\1"])
def test_malformed_engine_frame(header: bytes) -> None:
    with pytest.raises(frames.FrameError):
        list(frames.EngineDecoder().feed(header))
