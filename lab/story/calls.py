"""System calls of a traced program, as entries.

Law: as strace(1) writes them, those of the C library's own left out; of many the first and the
last, and how many there are between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.events import Call
from lab.kinds.calls.library import own
from lab.story.clock import Clock
from lab.story.entries import Entry, Kind
from lab.story.output import LEAST, Writer

TEXT = 200  # characters of a call at most


def made(writer: Writer, clock: Clock, room: int) -> Iterator[Entry]:
    """About `room` entries."""
    found = own(writer.program.calls or ())
    half = max(room, LEAST) // 2
    cut = len(found) > 2 * half
    for place, call in enumerate(found):
        if not cut or place < half or place >= len(found) - half:
            yield writer.entry(clock.of_node(call.time), Kind.CALL, _text(call))
        elif place == half:
            left = f"{len(found) - 2 * half} more calls"
            yield writer.entry(clock.of_node(call.time), Kind.CUT, left)


def _text(call: Call) -> str:
    returned = "?" if call.result is None else f"{call.result} {call.error}".rstrip()
    arguments = ", ".join(call.arguments)
    short = arguments if len(arguments) <= TEXT else f"{arguments[:TEXT]}..."
    return f"{call.name}({short}) = {returned}"
