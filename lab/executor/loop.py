"""One thread's timeline: sockets, posted calls and deadlines in one place.

Law: everything a run reacts to arrives here and is handled by the thread that turns the loop.
Other threads may only post() or cancel().
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType

from lab.ports import Clock


class CancelledRun(Exception):  # noqa: N818 - not an error: the user asked for it
    """The run was asked to stop."""


class Loop:
    """A selector, a queue of calls from other threads, and a way to be stopped."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._selector = selectors.DefaultSelector()
        self._wakes, self._waker = socket.socketpair()
        self._wakes.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._wakes, selectors.EVENT_READ, self._drain)
        self._posted: deque[Callable[[], None]] = deque()
        self._cancelled = False
        self._shielded = False

    def watch(self, sock: socket.socket, events: int, call: Callable[[], None]) -> None:
        """Call back whenever the socket is ready; replaces an earlier watch on it."""
        if sock in self._selector.get_map():
            self._selector.modify(sock, events, call)
        else:
            self._selector.register(sock, events, call)

    def unwatch(self, sock: socket.socket) -> None:
        """Forget a socket; one that is not watched is no error."""
        if sock.fileno() >= 0 and sock in self._selector.get_map():
            self._selector.unregister(sock)

    def post(self, call: Callable[[], None]) -> None:
        """Have the loop's thread make a call; from any thread."""
        self._posted.append(call)
        self._wake()

    def cancel(self) -> None:
        """Stop the run at its next turn; from any thread or a signal handler."""
        self._cancelled = True
        self._wake()

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to stop."""
        return self._cancelled

    @contextlib.contextmanager
    def shielded(self) -> Iterator[None]:
        """While entered, cancel() interrupts nothing: things are being removed."""
        self._shielded = True
        try:
            yield
        finally:
            self._shielded = False

    def until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Turn until `done` or the deadline (on the clock); whether it was done.

        Checks come first. Raises CancelledRun.
        """
        while not done():
            if self._cancelled and not self._shielded:
                raise CancelledRun
            remaining = deadline - self.clock.now()
            if remaining <= 0:
                return False
            self._turn(remaining)
        return True

    def _turn(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            key.data()
        for _ in range(len(self._posted)):  # what these post is for the next turn
            self._posted.popleft()()

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wakes.recv(4096):
                pass

    def _wake(self) -> None:
        # A full pipe wakes as well; a closed one has nobody to wake.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def __enter__(self) -> Loop:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._selector.close()
        self._wakes.close()
        self._waker.close()
