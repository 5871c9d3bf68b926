"""An engine that misbehaves as a test says: a relay that reads what is asked and meddles with it.

Law: only requests a rule is about are touched; everything else passes as it is, byte for byte.

Rule("POST /containers/create", "a4", Refusal(500, "no"))     whatever makes lab-...-a4 is refused
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.selftest.relay import Relay, begin


@dataclass(frozen=True)
class Refusal:
    """Says no, and does nothing."""

    status: int
    message: str


@dataclass(frozen=True)
class Silence:
    """Never hears of it: there is no answer, and no end of the connection."""


@dataclass(frozen=True)
class Late:
    """Hears of it so many seconds later."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """Does it; the connection ends after so many bytes of the answer."""

    after: int = 8  # within its first line


@dataclass(frozen=True)
class Garble:
    """Does it, and answers nonsense."""


Deed = Refusal | Silence | Late | Cut | Garble


@dataclass(frozen=True)
class Rule:
    """What happens to requests that begin with `call` and name a thing of this name.

    `times`: to the first so many; None to all.
    """

    call: str
    thing: str
    deed: Deed
    times: int | None = None

    def meets(self, request: Request) -> bool:
        """Whether it is about this one. A container's own id is no name: ask by name."""
        named = re.search(rf"lab-[0-9a-f]{{8}}-{self.thing}\b", request.text)
        return named is not None and re.match(self.call, request.text) is not None


@dataclass(frozen=True)
class Request:
    """One, as it came; `text` is `METHOD /path`, without the version, and the body after it."""

    raw: bytes
    text: str
    upgrade: bool


class Meddling(Relay):
    """Several rules may be about a request: the first that is not used up counts."""

    def __init__(self, path: Path, engine: str, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._met = [0] * len(self._rules)
        self._counting = threading.Lock()
        self._ended = threading.Event()
        super().__init__(path, engine)

    @property
    def unused(self) -> list[Rule]:
        """Rules that were about nothing: what they are to show was not shown."""
        return [rule for rule, met in zip(self._rules, self._met, strict=True) if not met]

    def cut(self) -> None:
        """See Relay."""
        self._ended.set()
        super().cut()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        line = _Line(near, far)
        begin(self._ask, line)
        begin(line.answer)

    def _ask(self, line: _Line) -> None:
        with suppress(OSError), line.near.makefile("rb") as stream:
            while (request := _read(stream)) is not None:
                if not self._passed_on(request, line):
                    continue
                line.far.sendall(request.raw)
                if request.upgrade:
                    while data := stream.read1(65536):
                        line.far.sendall(data)
                    line.far.shutdown(socket.SHUT_WR)
                    return
        line.hang_up()

    def _passed_on(self, request: Request, line: _Line) -> bool:
        match self._due(request):
            case Refusal(status, message):
                line.near.sendall(_answer(status, {"message": message}))
                return False
            case Silence():
                return False
            case Late(seconds):
                self._ended.wait(seconds)
            case Cut() | Garble() as deed:
                line.deed = deed
        return True

    def _due(self, request: Request) -> Deed | None:
        with self._counting:
            for number, rule in enumerate(self._rules):
                if rule.meets(request) and (rule.times is None or self._met[number] < rule.times):
                    self._met[number] += 1
                    return rule.deed
        return None


class _Line:
    """A client's connection and the one to the engine that belongs to it."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.deed: Cut | Garble | None = None  # for the answer that comes next
        self._sent = 0
        self._over = False

    def answer(self) -> None:
        """Pass answers on until there are no more."""
        with suppress(OSError):
            while data := self.far.recv(65536):
                self.near.sendall(self._meddled(data))
                if self._over:
                    break
        self.hang_up()

    def hang_up(self) -> None:
        """On both sides."""
        for sock in (self.near, self.far):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _meddled(self, data: bytes) -> bytes:
        match self.deed:
            case Cut(after):
                left = data[: after - self._sent]
                self._sent += len(left)
                self._over = self._sent >= after
                return left
            case Garble():
                self._over = True
                return data.partition(b"\r\n")[0] + _headed(b"~~~", "Connection: close\r\n")
        return data


def _read(stream: BinaryIO) -> Request | None:
    """The next request; None once there is no more."""
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line)
    if not line:
        return None
    head = b"".join(lines).decode("latin-1")
    length = re.search(r"^content-length: *(\d+)", head, re.IGNORECASE | re.MULTILINE)
    body = stream.read(int(length[1])) if length else b""
    first = re.sub(r"^(\w+) /v[\d.]+", r"\1 ", head.partition("\r\n")[0])
    text = f"{first} {body.decode(errors='replace')}"
    upgrade = re.search(r"^upgrade:", head, re.IGNORECASE | re.MULTILINE)
    return Request(b"".join(lines) + line + body, text, upgrade is not None)


def _answer(status: int, body: object) -> bytes:
    return f"HTTP/1.1 {status} x".encode() + _headed(json.dumps(body).encode())


def _headed(body: bytes, more: str = "") -> bytes:
    """All of an answer behind its first line."""
    head = f"\r\nContent-Type: application/json\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
