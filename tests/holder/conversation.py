"""What a holder said so far, and waiting for more of it, whatever carries the bytes."""

import selectors
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from lab import frames

PATIENCE = 30.0  # seconds until a test that waits in vain fails
Some = TypeVar("Some", bound=frames.Event)


class Carrier(Protocol):
    """The bytes' way to a holder and back."""

    def fileno(self) -> int:
        """What to wait for."""
        ...

    def read(self) -> bytes:
        """Some of what the holder said; nothing at the end."""
        ...

    def write(self, data: bytes) -> None:
        """All of it, to the holder."""
        ...


class Conversation:
    """Commands out, events in."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.events: list[frames.Event] = []
        self.ended = False  # the holder's output came to its end
        self._decoder = frames.Decoder()
        self._pings = 0

    def tell(self, *commands: bytes) -> None:
        """Send commands."""
        self.carrier.write(b"".join(commands))

    def begin(self, *argv: str, process: int = 0) -> frames.Began:
        """Begin a program and wait until it has begun."""
        count = 1 + sum(e.process == process for e in self.of(frames.Began))
        self.tell(frames.begin(process, argv))
        return self.wait(frames.Began, process, count)

    def read_until(self, done: Callable[[], bool]) -> None:
        """Take what the holder says until `done`; fails when it never comes."""
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self.carrier, selectors.EVENT_READ)
            while not done():
                assert not self.ended, f"the holder ended; it had said {self.events[-20:]}"
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                assert ready, f"waited in vain; the holder had said {self.events[-20:]}"
                data = self.carrier.read()
                self.ended = not data
                self.events.extend(self._decoder.feed(data))

    def wait(self, kind: type[Some], process: int = 0, count: int = 1) -> Some:
        """The count-th event of a kind about a process."""

        def found() -> list[Some]:
            return [e for e in self.events if isinstance(e, kind) and e.process == process]

        self.read_until(lambda: len(found()) >= count)
        return found()[count - 1]

    def ping(self) -> None:
        """Wait until all output there is by now has been told."""
        self._pings += 1
        token = self._pings
        self.tell(frames.ping(token))
        self.read_until(lambda: any(e.token == token for e in self.of(frames.Pong)))

    def of(self, kind: type[Some]) -> list[Some]:
        """The events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def stdout(self, process: int = 0) -> bytes:
        """What a program wrote to stdout so far."""
        return b"".join(e.data for e in self.of(frames.Stdout) if e.process == process)

    def stderr(self, process: int = 0) -> bytes:
        """What a program wrote to stderr so far."""
        return b"".join(e.data for e in self.of(frames.Stderr) if e.process == process)

    def wait_stdout(self, data: bytes, process: int = 0) -> None:
        """Until a program's stdout so far is exactly this."""
        self.read_until(lambda: len(self.stdout(process)) >= len(data))
        seen = self.stdout(process)
        assert seen == data
