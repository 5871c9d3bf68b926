"""A Docker daemon of a few words, for what real ones seldom say: refusals, silence, nonsense.

Law: answers what it was told to, in order, the last answer for ever; remembers what it was asked.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "KernelVersion": "6.1"}


@dataclass(frozen=True)
class Answer:
    """One answer; `raw` instead of HTTP, `upgrade` echoes after these bytes, None hangs."""

    status: int = 200
    body: Any = None
    raw: bytes | None = None
    upgrade: bytes | None = None
    hang: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(status: int, message: str, **headers: str) -> Answer:
    """How the daemon says no."""
    return Answer(status, {"message": message}, headers=headers)


Answers = Mapping[str, Sequence[Answer]]


class FakeDaemon:
    """Listens until closed. `answers` by "METHOD /path", without the API version and query."""

    def __init__(
        self, answers: Answers, *, path: Path | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._answers = {"GET /version": [Answer(body=VERSION)], **answers}
        self.asked: list[str] = []
        self._tls = tls
        self._open: list[socket.socket] = []
        if path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.url = f"unix://{path}"
        self._spawn(self._accept)

    @property
    def connections(self) -> int:
        """How many there have been."""
        return len(self._open)

    def close(self) -> None:
        """Hang up on everybody."""
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _spawn(self, target: Callable[[], None]) -> None:
        threading.Thread(target=target, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                self._open.append(plain)
                self._spawn(lambda sock=plain: self._serve(sock))  # type: ignore[misc]

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            with sock, sock.makefile("rb") as stream:
                while self._exchange(sock, stream):
                    pass

    def _exchange(self, sock: socket.socket, stream: Any) -> bool:
        line = stream.readline().decode(errors="replace")
        if len(line.split()) != 3:
            return False
        length = 0
        while header := stream.readline().strip().lower():
            if header.startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        stream.read(length)
        answer = self._answer(line)
        if answer.hang:
            return bool(stream.read(1))
        sock.sendall(_bytes(answer))
        if answer.upgrade is not None:
            while data := stream.read1(65536):
                sock.sendall(data)
        return answer.raw is None and answer.upgrade is None

    def _answer(self, line: str) -> Answer:
        method, target, _ = line.split()
        path = target.partition("?")[0]
        if path.startswith("/v1."):
            path = "/" + path.split("/", 2)[2]
        self.asked.append(f"{method} {path}")
        known = self._answers.get(f"{method} {path}", [refusal(404, "page not found")])
        return known[min(self.asked.count(f"{method} {path}"), len(known)) - 1]


def _bytes(answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    if answer.upgrade is not None:
        return (
            b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
            b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + answer.upgrade
        )
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": len(body), **answer.headers}
    lines = [
        f"HTTP/1.1 {answer.status} x",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join((*lines, "", "")).encode() + body
