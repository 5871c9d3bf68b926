"""Raw streams out of docker-py's answers: sockets that the caller owns.

Law: what is returned is a plain, blocking socket that misses no byte, and whose closing ends the
stream; the same over a Unix socket, TCP and TLS. The one module that knows docker-py's insides.
"""

from __future__ import annotations

import os
import selectors
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

_CHUNK = 65536


def own(raw: Any) -> socket.socket:
    """The stream behind what attach_socket() or exec_start(socket=True) returned.

    docker-py hands out the SocketIO under the response's reader (over TLS the SSLSocket), and
    that reader may have read ahead, past the headers: those bytes would be lost (7.2.0).
    """
    response = raw._response
    inner: socket.socket = raw if isinstance(raw, ssl.SSLSocket) else raw._sock
    early = _read_ahead(response.raw._fp.fp, inner)
    if isinstance(inner, ssl.SSLSocket) or early:
        return _copied(inner, early, response)
    owned = socket.socket(fileno=os.dup(inner.fileno()))
    response.close()
    return owned


def _read_ahead(reader: Any, inner: socket.socket) -> bytes:
    inner.settimeout(0)
    try:
        return bytes(reader.read1(len(reader.peek())))
    except (BlockingIOError, ssl.SSLWantReadError):
        return b""
    finally:
        inner.settimeout(None)


def _copied(inner: socket.socket, early: bytes, response: Any) -> socket.socket:
    """A socket that stands for another one, beginning with bytes that were read already.

    A TLS one cannot be handed out: it may hold bytes that no selector knows of.
    """
    ours, theirs = socket.socketpair()
    _Pump(inner, ours, early, response).start()
    return theirs


class _Pump(threading.Thread):
    """Copies between two sockets until the far one ends, or the near one is closed.

    A half-close is passed on; over TLS, which Python cannot close by half, it is the end.
    """

    def __init__(
        self, far: socket.socket, near: socket.socket, early: bytes, response: Any
    ) -> None:
        super().__init__(name="engine-stream", daemon=True)
        self._far = far
        self._near = near
        self._early = early
        self._response = response  # would close the socket when it is collected

    def run(self) -> None:
        """Copy until it is over."""
        with selectors.DefaultSelector() as self._selector, suppress(OSError):
            self._near.sendall(self._early)
            self._selector.register(self._far, selectors.EVENT_READ, self._inwards)
            self._selector.register(self._near, selectors.EVENT_READ, self._outwards)
            while all(key.data() for key, _ in self._selector.select()):
                pass
        self._near.close()
        self._response.close()
        self._far.close()

    def _inwards(self) -> bool:
        data = self._far.recv(_CHUNK)
        while data and isinstance(self._far, ssl.SSLSocket) and self._far.pending():
            data += self._far.recv(_CHUNK)
        self._near.sendall(data)
        return bool(data)

    def _outwards(self) -> bool:
        data = self._near.recv(_CHUNK)
        self._far.sendall(data)
        if data:
            return True
        self._selector.unregister(self._near)
        if isinstance(self._far, ssl.SSLSocket):
            return False
        self._far.shutdown(socket.SHUT_WR)
        return True
