"""A socket between the lab and an engine, to take the engine away in the middle of a run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.selftest.process import PATIENCE


class Relay:
    """Passes everything on both ways until it is cut; `url` is what `lab --engine` takes."""

    def __init__(self, path: Path, engine: str) -> None:
        self._engine = engine.removeprefix("unix://")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._open = [self._listener]
        self._lock = threading.Lock()
        self.url = f"unix://{path}"
        begin(self._accept)

    def cut(self) -> None:
        """Nobody answers any more, and all connections break."""
        with self._lock:
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._engine)
                with self._lock:
                    self._open += [near, far]
                self._carry(near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Two sockets to be one from now on; returns at once."""
        begin(_copy, near, far, self._towards)
        begin(_copy, far, near, lambda _: None)

    def _towards(self, data: bytes) -> None:
        """Called with what is on its way to the engine; it is passed on once this returns."""


class Holding(Relay):
    """Keeps back the first request to make something, until another request comes by.

    So the engine hears of it only then, though whoever asked may have ended long ago.
    """

    def __init__(self, path: Path, engine: str, held: str, *, until: str) -> None:
        """`held` and `until`: what the requests' paths contain."""
        self._held, self._until = held.encode(), until.encode()
        self._came, self._release = threading.Event(), threading.Event()
        self.passed_on = False
        super().__init__(path, engine)

    def await_it(self) -> None:
        """Return when there is a request to be kept back."""
        assert self._came.wait(PATIENCE)

    def cut(self) -> None:
        """See Relay."""
        self._release.set()
        super().cut()

    def _towards(self, data: bytes) -> None:
        request = data.partition(b"\r\n")[0]
        if self._until in request:
            self._release.set()
        if self._held in request and not self._came.is_set():
            self._came.set()
            self.passed_on = self._release.wait(PATIENCE)


def begin(call: Callable[..., None], *arguments: object) -> None:
    """In a thread that keeps nobody from ending."""
    threading.Thread(target=call, args=arguments, daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket, look: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            look(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
