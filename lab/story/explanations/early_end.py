"""A program ended before it had done all it should: what it wrote until then is right.

Law: said of a program that has ended, of whose output nothing is wrong but that the last lines of
it are missing.
"""

from __future__ import annotations

from lab.events import Exit, State
from lab.quantities import format_signal
from lab.story.evidence import Evidence
from lab.verdict import Difference


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    for writer, difference in evidence.differences:
        program = writer.program
        if program.state is State.ENDED and program.exit and _cut_short(difference):
            lines = sum(row[0] is not None for row in difference.rows)
            right = sum(row[2] for row in difference.rows)
            return (
                f"{writer.name} ended too early: {_how(program.exit)} when it had written {right} "
                f"of {lines} lines, all of them right"
            )
    return None


def _cut_short(difference: Difference) -> bool:
    rows = difference.rows
    right = next((number for number, row in enumerate(rows) if not row[2]), len(rows))
    missing = rows[right:]
    return bool(missing) and all(seen is None for _, seen, _ in missing)


def _how(ended: Exit) -> str:
    if ended.signal is not None:
        return f"{format_signal(ended.signal)} ended it"
    return f"it exited {ended.status}"
