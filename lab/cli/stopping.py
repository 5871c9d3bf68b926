"""Ctrl-C, SIGTERM and SIGHUP, from a command's beginning to its end.

Law: before anything is made a signal interrupts at once; from then on the first one stops what
runs, which then undoes itself, and no exception is raised in the middle of it. Further ones
change nothing: cleaning up is bounded in time. What was ignored from the start stays ignored, as
nohup(1) and a shell's background jobs ask for.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedBySignal(KeyboardInterrupt):
    """Ctrl-C or its like. A class of its own: the interpreter would end itself by SIGINT if it
    had seen a plain KeyboardInterrupt come out of code it was defining, handled since or not."""


class Brake:
    """What a signal pulls: it stops what is to be stopped, also what is named only later."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._pulled = False
        self._stop: Callable[[], None] = lambda: None

    def stops(self, stop: Callable[[], None]) -> None:
        """Name what the signal stops; called at once where it has come already."""
        self._stop = stop
        if self._pulled:
            stop()

    def pull(self) -> None:
        """The signal has come."""
        self._pulled = True
        self._say("lab: stopping, and removing what was made ...")
        self._stop()


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Raise InterruptedBySignal wherever the program is when one of the signals comes."""

    def interrupt() -> None:
        raise InterruptedBySignal

    with _handled(interrupt):
        yield


@contextmanager
def stopped_by_signals(say: Callable[[str], None]) -> Iterator[Brake]:
    """Have a signal pull the brake instead; `say`, called by its handler, tells the user."""
    brake = Brake(say)
    with _handled(brake.pull):
        yield brake


@contextmanager
def _handled(act: Callable[[], None]) -> Iterator[None]:
    def handler(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal(2)'s form
        act()

    if threading.current_thread() is not threading.main_thread():  # only it may have handlers
        yield
        return
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heeded}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
