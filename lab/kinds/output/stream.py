"""One output stream of a program, and what a claim about it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from lab.events import OUTPUT_LIMIT, ProcessRecord, State
from lab.kinds.standing import standing
from lab.quantities import format_size
from lab.verdict import Judgement, failed

EXIT = "exit"
END = "end"
MOMENTS = (EXIT, END)  # of the program, of the run: how long a claim must hold


class Stream(Struct, frozen=True):
    """What a program wrote to `name` so far; `over`: nothing can come any more."""

    name: str
    data: bytes
    over: bool
    truncated: bool
    program: ProcessRecord

    @property
    def ended(self) -> bool:
        """The program is over, and so is this stream."""
        return self.over and self.program.state is State.ENDED


def stream_of(program: ProcessRecord, name: str) -> Stream:
    """`stdout` or `stderr` of a program."""
    if name == "stdout":
        data, over, truncated = program.stdout, program.stdout_closed, program.stdout_truncated
    else:
        data, over, truncated = program.stderr, program.stderr_closed, program.stderr_truncated
    return Stream(name, data, over, truncated, program)


class Claim(Protocol):
    """Something said of a stream."""

    def judge(self, stream: Stream, bindings: Mapping[str, str]) -> Judgement:
        """What it says of the stream as it is now. KeyError: a reference is not known."""
        ...


def too_long(name: str, what: str = "") -> Judgement:
    """FAIL of a stream that is longer than a program may make it, where the rest would count."""
    limit = format_size(OUTPUT_LIMIT)
    return failed(f"{name} is longer than the {limit} a program may write{what}", final=True)


def still_missing(stream: Stream, what: str) -> Judgement:
    """FAIL for want of something, final when nothing more can come."""
    if stream.truncated:
        return too_long(stream.name, f", and {what} in what was kept")
    return failed(f"{what}; {standing(stream.program)}", final=stream.over)
