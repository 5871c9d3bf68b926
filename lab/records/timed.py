r"""Output with the time each line was complete, as text, and those times read back.

Law: times are seconds from the beginning of the case; bytes are in the lossless form of
`escapes`, so no line of a program is two of these. It is for reading: what is longer than a
person reads is left out, and said to be; the bytes themselves lie beside it.

    0.412345  listener: waiting to recvfrom...
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from lab.events import ProcessRecord, Times
from lab.report.bounded import MORE, OPEN
from lab.report.escapes import lossless
from lab.report.words import counted

LINES = 50_000  # of a stream at most
_UNKNOWN = "         -"


def timed(program: ProcessRecord, stream: str, shift: float) -> str:
    """A stream (`stdout`, `stderr`), each line behind the time it was complete."""
    data: bytes = getattr(program, stream)
    times: Times = getattr(program, f"{stream}_times")
    lines = [f"{_time(at, shift)}  {lossless(line)}" for at, line in _lines(data, times)]
    total = data.count(b"\n") + (not data.endswith(b"\n"))
    if data and total > LINES:
        lines.append(f"... {counted(total - LINES, 'more line')}")
    elif getattr(program, f"{stream}_truncated"):
        lines.append(f"... {MORE}")
    elif data and not data.endswith(b"\n"):
        lines.append(f"... {OPEN}")
    return "".join(f"{line}\n" for line in lines)


def times_of(data: bytes, text: str, shift: float) -> Times:
    """When the lines of a stream were complete, from what timed() made of it.

    Raises ValueError for what it did not make.
    """
    ends, times, end = array("Q"), array("d"), 0
    for line in text.split("\n"):
        if not line or line.startswith("..."):
            break
        end = data.find(b"\n", end) + 1 or len(data)
        before = line.strip().partition(" ")[0]
        if before == "-":
            break
        ends.append(end)
        times.append(float(before) + shift)
    return Times(ends, times)


def _lines(data: bytes, times: Times) -> Iterator[tuple[float | None, bytes]]:
    """The first lines without their ends, and when each was complete."""
    start = 0
    for _ in range(LINES):
        if start >= len(data):
            return
        end = data.find(b"\n", start)
        last = len(data) - 1 if end < 0 else end
        yield times.at(last), data[start : last + (end < 0)]
        start = last + 1


def _time(at: float | None, shift: float) -> str:
    return _UNKNOWN if at is None else f"{at - shift:10.6f}"
