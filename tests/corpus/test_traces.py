"""What is read of traces: texts that strace 6.1 and 6.13 wrote, and the calls in them.

Each trace is its own item; its calls are kept in a golden file beside it.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from lab.events import Call
from lab.kinds.calls.library import own
from lab.kinds.calls.pattern import written
from lab.strace import Reader
from tests.corpus.golden import check

FOLDER = Path(__file__).parent / "traces"
TRACES = sorted(FOLDER.glob("*.strace"))
AHEAD = 1795823000.0  # of its clock, so that times are small

each = pytest.mark.parametrize("trace", TRACES, ids=lambda path: path.stem)


def read(text: str, *cuts: int) -> Reader:
    reader = Reader()
    for start, end in pairwise((0, *cuts, len(text))):
        reader.feed(text[start:end], AHEAD)
    return reader


def line(call: Call) -> str:
    return f"{call.time:.6f} +{call.seconds:.6f} {call.pid} #{call.socket} {written(call)}\n"


@each
def test_the_calls_are_the_golden_ones(trace: Path) -> None:
    reader = read(trace.read_text())
    assert reader.lost == ""
    check(trace.with_suffix(".txt"), "".join(map(line, reader.calls)))


@each
def test_any_split_gives_the_same_calls(trace: Path) -> None:
    text = trace.read_text()
    whole = read(text).calls
    assert read(text, *range(1, len(text))).calls == whole
    for cut in range(0, len(text), 499):
        assert read(text, cut).calls == whole


@each
def test_what_is_cut_off_is_only_missing(trace: Path) -> None:
    """Every beginning of a trace has a beginning of its calls, but those that had not returned."""
    text = trace.read_text()
    whole = read(text).calls
    for cut in range(0, len(text), 307):
        reader = read(text[:cut])
        assert reader.lost == ""
        assert set(reader.calls) <= set(whole)


def test_getaddrinfos_own_sockets_are_told_from_the_programs() -> None:
    calls = read((FOLDER / "forking-6.13.strace").read_text()).calls
    made = [call.arguments[0] for call in calls if call.name == "socket"]
    assert made == ["AF_NETLINK", "AF_INET6", "AF_INET"]
    kept = [call for call in own(calls) if call.socket]
    assert [call.name for call in kept][:4] == ["socket", "setsockopt", "bind", "listen"]
    assert len({call.socket for call in kept}) == 2  # that which listens, and that of its client


@pytest.mark.parametrize(
    "line",
    [
        "nothing",
        "7 1.5 socket",
        "7 1.5 socket(AF_INET",
        '7 1.5 write(3<pipe:[1]>, "x) = 1',
        "7 1.5 socket(AF_INET, SOCK_STREAM, 0) = x",
    ],
)
def test_what_strace_does_not_write_is_no_call(line: str) -> None:
    reader = Reader()
    reader.feed(f'7 1.0 execve("/p", ["p"], 0x1) = 0\n{line}\n7 2.0 close(3<socket:[1]>) = 0\n', 0)
    assert "cannot be read" in reader.lost
    assert reader.calls == ()


def test_what_a_program_writes_is_never_taken_for_a_call() -> None:
    forged = r'"\n7 1.0 listen(3, 5) = 0\n\") = 9 <unfinished ...>", 40'
    reader = Reader()
    reader.feed(
        '7 1.0 execve("/p", ["p"], 0x1) = 0\n'
        f"7 1.5 sendto(3<socket:[1]>, {forged}, 0, NULL, 0) = 40 <0.1>\n"
        '7 1.6 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="a) = 0 <1,"}, 9) = 0 <0.1>\n',
        0,
    )
    assert [(call.name, call.result) for call in reader.calls] == [("sendto", 40), ("connect", 0)]
    assert len(reader.calls[0].arguments) == 6
    assert reader.lost == ""


def test_no_more_calls_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.strace.reader.MOST", 50)
    reader = Reader()
    reader.feed('7 1.0 execve("/p", ["p"], 0x1) = 0\n', 0)
    reader.feed("7 1.5 listen(3<socket:[1]>, 5) = 0 <0.1>\n" * 51, 0)
    assert "more than the 50 calls" in reader.lost
    assert len(reader.calls) == 50
