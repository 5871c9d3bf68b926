"""A program on a fake node: a Python function in a thread, with streams and signals.

Law: it stops only where a real one would block: reading, sleeping or printing. A signal takes
effect there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from lab.events import SocketEntry

Program = Callable[["FakeProcess"], int]


class SignalledError(Exception):
    """The process is ended by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class FakeProcess:
    """What a program sees of its machine. `write` and `error` get bytes out at once."""

    def __init__(
        self,
        argv: tuple[str, ...],
        say: Callable[[str, bytes], None],
        changed: Callable[[], None],
    ) -> None:
        self.argv = argv
        self.ignored: set[int] = set()
        self.sockets: tuple[SocketEntry, ...] = ()
        self.asleep = False
        self.signals: list[int] = []
        self._say = say
        self._changed = changed
        self._input = bytearray()
        self._input_ended = False
        self._wake = threading.Condition()

    # -- for programs

    def write(self, data: bytes) -> None:
        """Print on stdout."""
        self._check()
        self._say("O", data)

    def error(self, data: bytes) -> None:
        """Print on stderr."""
        self._check()
        self._say("R", data)

    def read_line(self) -> bytes:
        """The next line of stdin with its newline; the rest at its end, then b""."""
        self._until(lambda: b"\n" in self._input or self._input_ended)
        end = self._input.find(b"\n") + 1 or len(self._input)
        line = bytes(self._input[:end])
        del self._input[:end]
        return line

    def wait(self) -> None:
        """Sleep until a signal ends it."""
        self._until(lambda: False)

    def wait_signal(self) -> int:
        """Sleep until a signal that it ignores has come; its number."""
        self._until(lambda: bool(self.signals))
        return self.signals.pop(0)

    def show(self, *sockets: SocketEntry) -> None:
        """Have these sockets from now on."""
        self.sockets = sockets
        self._changed()

    # -- for the holder

    def feed(self, data: bytes) -> None:
        """Bytes for its stdin."""
        with self._wake:
            self._input += data
            self._rouse()

    def end_input(self) -> None:
        """End of its stdin."""
        with self._wake:
            self._input_ended = True
            self._rouse()

    def signal(self, number: int) -> None:
        """A signal for it."""
        with self._wake:
            self.signals.append(number)
            self._rouse()

    def run(self, program: Program) -> tuple[int, int]:
        """Run it to its end: (0, status) or (1, signal), as an `X` frame has them."""
        try:
            return 0, program(self) & 0xFF
        except SignalledError as ended:
            return 1, ended.number
        finally:
            self.sockets = ()
            self._changed()

    def _rouse(self) -> None:
        """Whoever is woken is not asleep any more, whenever it gets a processor."""
        self.asleep = False
        self._wake.notify_all()

    def _until(self, ready: Callable[[], bool]) -> None:
        with self._wake:
            self.asleep = not ready()
            self._changed()
            try:
                while not ready():
                    self._check()
                    self.asleep = True
                    self._wake.wait()
                self._check()
            finally:
                self.asleep = False

    def _check(self) -> None:
        for number in self.signals:
            if number == signal.SIGKILL or number not in self.ignored:
                raise SignalledError(number)
