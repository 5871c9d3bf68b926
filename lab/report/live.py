"""The live view on a terminal: drawn and taken away by a thread of its own.

Law: telling it something costs the run one queue entry; at most RATE frames a second are drawn,
and one as each case ends, however much happens; results are printed above it in the order they
were told. Rich comes in with `screen`, which the thread imports when there is something to show
and the engine is at work.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from lab.report.case import Page
from lab.report.escapes import harmless
from lab.report.frame import frame
from lab.report.picture import Picture, after
from lab.report.plain import lines
from lab.report.reader import has_left
from lab.result import CaseEnded, Progress

if TYPE_CHECKING:
    from lab.report.screen import Screen

RATE = 8.0  # frames a second at most


class _Said(Struct, frozen=True):
    """A line to print above the picture."""

    line: str


class _End(Struct, frozen=True):
    """The last thing told."""


_Told = Progress | _Said


class LiveView:
    """Shows what is going on below the results so far; a context manager and a Listener."""

    def __init__(
        self,
        page: Page,
        total: int,
        clock: Callable[[], float],
        *,
        verbose: bool,
        usual: Mapping[str, float] | None = None,
    ) -> None:
        """`total` cases, 0: nobody knows; `usual`: seconds they took before, by name."""
        self._usual = usual or {}
        self._page, self._total, self._clock, self._verbose = page, total, clock, verbose
        self._told: queue.SimpleQueue[_Told | _End] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._draw, name="live view", daemon=True)
        self._failure: BaseException | None = None

    def __call__(self, event: Progress) -> None:
        """Take note; returns at once."""
        self._told.put(event)

    def say(self, line: str) -> None:
        """Print a line above the picture; a signal handler may call this."""
        self._told.put(_Said(line))

    def __enter__(self) -> LiveView:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Show what was told, take the view away. Raises what went wrong while drawing."""
        self._told.put(_End())
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _draw(self) -> None:
        try:
            self._show()
        except BaseException as failure:  # noqa: BLE001 - raised again by __exit__
            self._failure = None if has_left(failure) else failure

    def _show(self) -> None:
        first = self._told.get()
        if isinstance(first, _End):
            return
        from lab.report.screen import Screen  # noqa: PLC0415 - brings rich in, see above

        told, more = [first], True
        picture = Picture()
        with Screen() as screen:
            while told or more:
                for event in told:
                    picture = self._take(event, picture, screen)
                size, now = screen.size, self._clock()
                paint, usual = self._page.paint, self._usual
                drawn = frame(picture, self._total, now, size, paint, usual=usual)
                screen.show(drawn)
                told, more = self._next() if more else ([], False)

    def _take(self, told: _Told, picture: Picture, screen: Screen) -> Picture:
        """Print what there is to print; the picture once it has happened."""
        if isinstance(told, _Said):
            screen.print([harmless(told.line)])
            return picture
        screen.print(lines(told, self._page, verbose=self._verbose))
        return after(picture, told, self._clock())

    def _next(self) -> tuple[list[_Told], bool]:
        """What was told during one frame's time or up to a verdict; whether more may come."""
        events: list[_Told] = []
        until = self._clock() + 1 / RATE
        while (left := until - self._clock()) > 0:
            try:
                event = self._told.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(event, _End):
                return events, False
            events.append(event)
            if isinstance(event, CaseEnded):
                break
        return events, True
