"""How a run is shown while it goes on: JSON lines, plain lines, or a live view.

Law: a view is a Listener, so it never raises; when nobody reads any more it falls silent and
the run goes on to its end. What is printed is decided in lab.report.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from lab.cli.terminal import Terminal
from lab.report.case import Page, named
from lab.report.escapes import harmless
from lab.report.plain import lines
from lab.report.record import record
from lab.result import CaseEnded, Progress, ScenarioResult

if TYPE_CHECKING:
    from lab.report.live import LiveView


class LineView:
    """Writes the lines an event makes; silent once the pipe is closed."""

    def __init__(self, stream: TextIO, render: Callable[[Progress], list[str]]) -> None:
        self._stream, self._render = stream, render
        self._closed = False

    def __call__(self, event: Progress) -> None:
        """Write what there is to say of it, at once."""
        said = [] if self._closed else self._render(event)
        if not said:
            return
        try:
            self._stream.write("".join(f"{line}\n" for line in said))
            self._stream.flush()
        except BrokenPipeError:
            self._closed = True

    def say(self, line: str) -> None:
        """Write it to standard error, beside the results; safe in a signal handler."""
        say(line)

    def __enter__(self) -> LineView:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to be written."""


def say(line: str) -> None:
    """Tell the user how something long goes: a line on standard error, not buffered."""
    with suppress(OSError):  # nobody listens
        os.write(2, f"{harmless(line)}\n".encode(errors="replace"))


def json_lines(event: Progress) -> list[str]:
    """A line as each case ends."""
    return [record(event.result)] if isinstance(event, CaseEnded) else []


def json_view(stream: TextIO) -> LineView:
    """One line of JSON for each case."""
    return LineView(stream, json_lines)


def plain_view(stream: TextIO, page: Page, *, verbose: bool) -> LineView:
    """Lines for a log, or for a terminal that wants no live view."""
    return LineView(stream, lambda event: lines(event, page, verbose=verbose))


def live_view(page: Page, total: int, usual: Mapping[str, float], *, verbose: bool) -> LiveView:
    """A picture of what goes on, below the results so far; see LiveView."""
    from lab.report.live import LiveView  # noqa: PLC0415 - only where one is drawn

    return LiveView(page, total, time.monotonic, verbose=verbose, usual=usual)


def page_for(terminal: Terminal, files: Collection[Path] = ()) -> Page:
    """What reports to this terminal are written for; `files` are the project's scenarios."""
    return Page(
        terminal.columns,
        terminal.paint,
        source_line,
        lambda found: _named(found, files),
        terminal.cut,
    )


def _named(result: ScenarioResult, files: Collection[Path]) -> str:
    """What to run it by: its name, or its file where that is none of the project's."""
    known = {path.absolute() for path in files}
    return named(result) if result.path.absolute() in known else shlex.quote(str(result.path))


def source_line(path: Path, number: int) -> str | None:
    """A line of a file, counted from 1; None where there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return found[number - 1] if 0 < number <= len(found) else None
