"""Reports rendered and put where they were asked for.

Law: a file is replaced at once or not at all; one that cannot be written is told, and the others
are written all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from lab.cli.asked import Wanted
from lab.cli.servers import Server
from lab.errors import UsageError
from lab.report.case import Page
from lab.report.formats import render
from lab.report.run import ReportedRun

Say = Callable[[str], None]


def prepare(wanted: Wanted) -> None:
    """Have the folder a report goes into. Raises UsageError: better now than after the run."""
    file = wanted.file
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(file, error.strerror or str(error)) from None
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise _refused(file, "it cannot be written")


def _refused(file: Path, why: str) -> UsageError:
    return UsageError(f"no report can go to {file}: {why}", help="name another file")


def publish(reports: Sequence[Wanted], run: ReportedRun, page: Page, say: Say) -> None:
    """Write each of them."""
    for wanted in reports:
        text = render(wanted.format, run, page)
        if wanted.file is None:
            sys.stdout.write(text)
            sys.stdout.flush()
            continue
        try:
            write(wanted.file, text)
        except OSError as error:
            say(f"trouble: the {wanted.format} report is not in {wanted.file}: {error.strerror}")


def write(file: Path, text: str) -> None:
    """Raises OSError."""
    data = text.encode("utf-8", "backslashreplace")
    if file.exists() and not file.is_file():  # a pipe, a terminal
        file.write_bytes(data)
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def tell(server: Server, run: ReportedRun, page: Page, stream: TextIO, say: Say) -> None:
    """Give the server what it shows: annotations on `stream`, and a summary of the job."""
    if server.github:
        stream.write(render("github", run, page))
        stream.flush()
    if server.summary is None:
        return
    try:
        with server.summary.open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(render("markdown", run, page))
    except OSError as error:
        say(f"trouble: the summary is not in {server.summary}: {error.strerror}")
