"""Numbers as people say them: `0.87 s`, `3 nodes`, `exited 0`.

Law: pure; one way to say each thing, everywhere.
"""

from lab.events import Exit, ProcessRecord, State
from lab.quantities import format_signal


def duration(seconds: float) -> str:
    """Seconds with as many digits as matter: `0.04 s`, `8.1 s`, `62 s`."""
    digits = 2 if seconds < 9.995 else 1 if seconds < 59.95 else 0
    return f"{seconds:.{digits}f} s"


def counted(number: int, thing: str) -> str:
    """`1 scenario`, `2 scenarios`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def how_ended(ended: Exit) -> str:
    """`exited 0`, `ended by SIGKILL`."""
    if ended.signal is not None:
        return f"ended by {format_signal(ended.signal)}"
    return f"exited {ended.status}"


def state(program: ProcessRecord) -> str:
    """Where a program stands, in a few words."""
    if program.exit is not None:
        return how_ended(program.exit)
    said = {
        State.HELD: "never started",
        State.RUNNING: "running",
        State.ENDED: "ended",
        State.LOST: "lost",
    }[program.state]
    return f"{said}: {program.reason}" if program.reason else said
