"""The base of every error a user may see, and the exit statuses of the command line.

An error says what went wrong and what to do about it; it never carries a traceback to the
user. Statuses are the contract of the scenario language: whose fault it was is in the number.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What `lab` ends with; CI pipelines branch on it."""

    PASSED = 0  # all passed, or skipped with a pass among them
    FAILED = 1  # something else was seen than was asked for
    INTERRUPTED = 2  # stopped by the user, and cleaned up
    ERROR = 3  # the lab could not tell
    BAD_INPUT = 4  # bad command line or scenario file
    NOTHING = 5  # nothing selected, or all skipped


class LabError(Exception):
    """Something a user must be told: `what` happened and, where known, what to do (`help`)."""

    status = ExitStatus.ERROR

    def __init__(self, what: str, *, help: str = "") -> None:  # noqa: A002 - the word users read
        super().__init__(what)
        self.what = what
        self.help = help


class UsageError(LabError):
    """The command line or a file given on it cannot be used as it stands."""

    status = ExitStatus.BAD_INPUT


class EngineError(LabError):
    """Docker is missing, unreachable, too old, or refused a request."""


class NothingSelectedError(LabError):
    """No scenario matches what was asked for."""

    status = ExitStatus.NOTHING
