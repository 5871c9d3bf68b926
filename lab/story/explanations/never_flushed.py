"""A program is alive and has written nothing: what it printed is likely still in its own buffer.

Law: said of a program that runs, of whose output something was expected, and of which nothing
came on either stream; not where its system calls show that it did write.
"""

from __future__ import annotations

from lab.events import State
from lab.kinds.standing import BUFFERED
from lab.story.evidence import Evidence
from lab.story.output import Writer

_WRITES = frozenset({"write", "writev"})


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    for writer in evidence.suspects:
        if _silent(writer) and any("std" in found.reason for found in evidence.judged(writer)):
            return (
                f"{writer.name}: {BUFFERED}; flush it, or turn buffering off (setvbuf, python -u)"
            )
    return None


def _silent(writer: Writer) -> bool:
    program = writer.program
    quiet = not program.stdout and not program.stderr and not program.stdout_closed
    wrote = any(
        call.name in _WRITES and call.arguments[:1] in (("1",), ("2",))
        for call in program.calls or ()
    )
    return program.state is State.RUNNING and quiet and not wrote
