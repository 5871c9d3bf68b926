"""The lab's end of a holder's stream: commands out, events in, without ever blocking.

Law: bytes only become events here; what they mean is the tracker's.
"""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Callable

from lab.executor.loop import Loop
from lab.frames import STDOUT, Decoder, EngineDecoder, Event, FrameError

_CHUNK = 256 * 1024
_CHUNKS = 8  # read at a time, so that a flood from one node holds nothing else up
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class HolderLink:
    """One node's stream. `gone` is told once, with a reason, when it ends or makes no sense."""

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        take: Callable[[Event], None],
        gone: Callable[[str], None],
    ) -> None:
        self._loop = loop
        self._socket = sock
        self._take = take
        self._gone = gone
        self._outgoing = bytearray()
        self._engine_decoder = EngineDecoder()
        self._decoder = Decoder()
        self._complaint = b""
        self._over = False
        self._mute = False
        sock.setblocking(False)
        loop.watch(sock, selectors.EVENT_READ, self._ready)

    def send(self, frame: bytes) -> None:
        """Queue a command; it goes out as fast as the engine takes it."""
        if not self._over:
            self._outgoing += frame
            self._flush()

    def mute(self) -> None:
        """Tell no more of it; the stream stays open and is read, and its node stays with it."""
        self._mute = True

    def close(self) -> None:
        """Let go of the stream; a node that is not lasting ends with it."""
        self._over = True
        self._loop.unwatch(self._socket)
        self._socket.close()

    def _ready(self) -> None:
        if self._outgoing and not self._over:
            self._flush()
        if not self._over:
            self._read()

    def _read(self) -> None:
        try:
            for _ in range(_CHUNKS):
                chunk = self._socket.recv(_CHUNK)
                if not chunk:
                    self._end("its stream ended")
                    return
                self._feed(chunk)
        except _WOULD_BLOCK:
            return
        except (OSError, FrameError) as error:
            self._end(str(error))
            return
        self._loop.post(self._ready)  # TLS may hold more than the selector knows of

    def _feed(self, chunk: bytes) -> None:
        if self._mute:
            return
        for stream, payload in self._engine_decoder.feed(chunk):
            if stream == STDOUT:
                for event in self._decoder.feed(payload):
                    self._take(event)
            else:
                self._complaint = (self._complaint + payload)[-1000:]

    def _flush(self) -> None:
        try:
            while self._outgoing:
                sent = self._socket.send(self._outgoing)
                del self._outgoing[:sent]
        except _WOULD_BLOCK:
            pass
        except OSError as error:
            self._outgoing.clear()
            self._end(str(error))
            return
        write = selectors.EVENT_WRITE if self._outgoing else 0
        self._loop.watch(self._socket, selectors.EVENT_READ | write, self._ready)

    def _end(self, reason: str) -> None:
        self.close()
        if self._mute:
            return
        said = self._complaint.decode("utf-8", "replace").strip()
        self._gone(f"{reason}: {said}" if said else reason)
