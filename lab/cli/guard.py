"""Exceptions as what a user reads, and the status the command ends with.

Law: the only place that turns exceptions into messages. Each gets one of its own, and no
traceback ever reaches the terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from lab.cli.group import NobodyReadsError
from lab.cli.selection import BadFilesError
from lab.cli.stopping import interrupted_by_signals
from lab.errors import ExitStatus, LabError
from lab.report.escapes import harmless
from lab.report.reader import has_left
from lab.source import InvalidScenario


def guarded(work: Callable[[], int], command: Sequence[str]) -> int:
    """Do the work; its status, or that of what went wrong, which the user is told."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character
            stream.reconfigure(errors="backslashreplace")
    status = int(ExitStatus.PASSED)
    try:
        with interrupted_by_signals():
            status = _told(work, command)
        sys.stdout.flush()
    except (OSError, NobodyReadsError) as error:
        if not (isinstance(error, NobodyReadsError) or has_left(error)):
            raise
        _stop_writing()  # who reads has seen enough
    except KeyboardInterrupt:  # while it was telling what went wrong
        return _tell("lab: interrupted", ExitStatus.INTERRUPTED)
    return status


def _told(work: Callable[[], int], command: Sequence[str]) -> int:
    try:
        return work()
    except LabError as error:
        return _tell(said(error), error.status)
    except click.ClickException as error:
        return _tell(usage(error), ExitStatus.BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        return _tell("lab: interrupted", ExitStatus.INTERRUPTED)
    except NobodyReadsError:
        raise
    except Exception as error:  # noqa: BLE001 - the one place where all others end
        return _crashed(error, command)


def said(error: LabError) -> str:
    """The message: what, and what to do about it.

    What is wrong in a scenario file is rendered by what found it, place and all.
    """
    if isinstance(error, BadFilesError):
        return "\n\n".join(said(one) for one in error.errors)
    if isinstance(error, InvalidScenario):
        return error.what
    lines = [f"lab: {harmless(error.what)}"]
    if error.help:
        first, *rest = harmless(error.help).split("\n")
        lines += [f"help: {first}", *(f"      {line}" for line in rest)]
    return "\n".join(lines)


def usage(error: click.ClickException) -> str:
    """A mistake on the command line, in the same form."""
    message = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return message
    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, click.Context) else "lab"
    text = message.removesuffix(".")
    return f"lab: {harmless(text[:1].lower() + text[1:])}\nhelp: {path} --help"


def _tell(message: str, status: ExitStatus) -> int:
    with suppress(OSError):  # nobody listens
        print(message, file=sys.stderr, flush=True)
    return status


def _crashed(error: Exception, command: Sequence[str]) -> int:
    from lab.cli import crash  # noqa: PLC0415 - traceback and metadata only where needed

    path = crash.write(error, command, _here())
    return _tell(crash.said(error, path), ExitStatus.ERROR)


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder is gone
        return Path("/nonexistent")


def _stop_writing() -> None:
    """Keep the interpreter from writing what is left, and complaining, when it ends."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
