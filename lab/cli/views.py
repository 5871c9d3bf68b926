"""How a run is shown while it goes on: JSON lines, plain lines, or a live view.

Law: a view is a Listener, so it never raises and never waits; when nobody reads any more it falls
silent and the run goes on to its end. What is printed is decided in lab.report.
"""

from __future__ import annotations

import os
import queue
import shlex
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from lab.cli.terminal import Terminal
from lab.report.case import Page, named
from lab.report.escapes import harmless
from lab.report.plain import lines
from lab.report.reader import has_left
from lab.report.record import record
from lab.result import CaseEnded, Progress, ScenarioResult

if TYPE_CHECKING:
    from lab.report.live import LiveView


class LineView:
    """Writes the lines an event makes, in a thread of its own; silent once the pipe is closed.

    A context manager; its end waits until everything is written. A reader that is slow, or does
    not read for a while, holds no run up.
    """

    def __init__(self, stream: TextIO, render: Callable[[Progress], list[str]]) -> None:
        self._stream, self._render = stream, render
        self._told: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="lines", daemon=True)
        self._failure: BaseException | None = None

    def __call__(self, event: Progress) -> None:
        """Take note; returns at once."""
        self._told.put(event)

    def say(self, line: str) -> None:
        """Write it to standard error, beside the results; safe in a signal handler."""
        say(line)

    def __enter__(self) -> LineView:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until all is written. Raises what went wrong with that."""
        self._told.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        try:
            while (event := self._told.get()) is not None:
                if said := self._render(event):
                    self._stream.write("".join(f"{line}\n" for line in said))
                    self._stream.flush()
        except BaseException as failure:  # noqa: BLE001 - raised again by __exit__
            self._failure = None if has_left(failure) else failure


def print_last(said: Iterable[str]) -> None:
    """Print the last lines, if anybody reads; who does not changes no status."""
    try:
        print("\n".join(said), flush=True)
    except OSError as error:
        if not has_left(error):
            raise


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


def silent_view() -> LineView:
    """Nothing: what is printed comes at the end."""
    return LineView(sys.stdout, lambda _: [])


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
