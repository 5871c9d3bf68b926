"""How a program stands, in words, for the reasons judgements give."""

from __future__ import annotations

from lab.events import NodeObservation, ProcessRecord, State
from lab.kinds.output.visible import escaped
from lab.quantities import format_signal
from lab.verdict import Judgement, unknown


def standing(program: ProcessRecord) -> str:
    """`it exited 1`, `SIGSEGV ended it`, `it is still running`, `it was never started`.

    With the limits of its node that were met: `SIGKILL ended it, and the memory limit of 256MiB was
    reached`.
    """
    met = " and the ".join(program.reached)
    said = f", and the {met} {'was' if len(program.reached) == 1 else 'were'} reached"
    return _standing(program) + (said if met else "")


def _standing(program: ProcessRecord) -> str:
    if program.state is State.HELD:
        return "it was never started"
    if program.state is State.RUNNING:
        return "it is still running"
    if program.exit is None:
        return f"it never began: {program.reason or 'why is not known'}"
    if program.exit.signal is not None:
        return f"{format_signal(program.exit.signal)} ended it"
    return f"it exited {program.exit.status}"


def lost(seen: NodeObservation) -> Judgement | None:
    """ERROR where the lab cannot tell what became of the program; else None."""
    return lost_program(seen.program)


def lost_program(program: ProcessRecord) -> Judgement | None:
    """As lost(), of a program."""
    if program.state is not State.LOST:
        return None
    reason = program.reason or "the node is gone"
    return unknown(f"the lab cannot tell: {reason}")


def last_words(program: ProcessRecord) -> str:
    """Advice from the last line it wrote to stderr, where it wrote any."""
    lines = [line for line in program.stderr.split(b"\n") if line.strip()]
    return f"its stderr ends in {escaped(lines[-1], 200)}" if lines else ""


BUFFERED = "alive, wrote nothing; standard output is probably buffered"


def silence(program: ProcessRecord) -> str:
    """Advice for a live program of which nothing was heard; empty otherwise."""
    quiet = not program.stdout and not program.stderr and not program.stdout_closed
    return BUFFERED if program.state is State.RUNNING and quiet else ""
