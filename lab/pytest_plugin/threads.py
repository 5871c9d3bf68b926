"""A thread that owns a loop and all that stands on it, and what interrupts whoever waits for it.

Law: what happens to pytest's own thread (Ctrl-C, SIGTERM, a timeout plugin's alarm) stops what
runs by asking it to; nothing is ever raised in the middle of it, so it is always undone.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from lab.executor.loop import Loop
from lab.ports import Clock

T = TypeVar("T")

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GLANCE = 1.0  # seconds; a signal that comes as a thread is about to sleep does not wake it
_IDLE = 3600.0  # seconds; how long the thread sleeps at a time when nobody asks anything of it


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP has come: pytest ends as it does on Ctrl-C, and everything is undone."""


class LoopThread:
    """A loop, turned by a thread of its own until close(); it does what it is called for."""

    def __init__(self, clock: Clock) -> None:
        self.loop = Loop(clock)
        self._calls: deque[Callable[[], None]] = deque()
        self._over = False
        self._thread = threading.Thread(target=self._serve, name="lab")
        self._thread.start()

    def call(self, work: Callable[[], T]) -> T:
        """What `work`, done by the thread, returns or raises.

        Who is interrupted while it waits stops the work: it raises CancelledRun over there.
        """
        future: Future[T] | None = None
        try:
            future = self._post(work)
            while not wait([future], _GLANCE).done:
                pass
            return future.result()
        finally:
            if future is None or not future.done():
                self.loop.cancel()

    def close(self, last: Callable[[], T]) -> T:
        """Do one last thing, whether work was stopped or not, and end; signals have to wait."""
        with _deferred():
            future = self._post(last)
            self.loop.post(self._end)
            self._thread.join()
            return future.result()

    def _post(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self.loop.post(lambda: self._calls.append(lambda: _fulfil(future, work)))
        return future

    def _end(self) -> None:
        self._calls.append(self._finish)

    def _finish(self) -> None:
        self._over = True

    def _serve(self) -> None:
        with self.loop as loop:
            while not self._over:
                with loop.shielded():  # there is nothing to stop
                    loop.until(lambda: bool(self._calls), loop.clock.now() + _IDLE)
                while self._calls:
                    self._calls.popleft()()


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - given to who waits for it
        future.set_exception(error)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP raise Terminated where they would have ended the process at once."""

    def handler(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal(2)'s form
        raise Terminated(signal.Signals(number).name)

    ending = [n for n in INTERRUPTS if signal.getsignal(n) is signal.SIG_DFL]
    with _handled(ending, handler):
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """What comes meanwhile takes effect afterwards: undoing is short, and on its way already."""
    come: list[int] = []
    try:
        with _handled(INTERRUPTS, lambda number, _frame: come.append(number)):
            yield
    finally:
        for number in come[:1]:
            signal.raise_signal(number)


@contextmanager
def _handled(
    numbers: Iterable[signal.Signals], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only it may have handlers
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
