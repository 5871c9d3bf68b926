"""A person's terminal, or pipe, on a program that runs on a node.

Law: whatever happens, the terminal is what it was before. POSIX only.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from docker import APIClient
from docker.errors import APIError

from lab.engine.errors import translated
from lab.engine.following import looks, now
from lab.engine.streams import own
from lab.errors import EngineError
from lab.frames import STDOUT, EngineDecoder

if TYPE_CHECKING:
    from lab.engine.docker_engine import DockerEngine

_CHUNK = 65536
_ENDS = 10  # seconds an engine may take to say how a program ended whose streams did


def interact(engine: DockerEngine, node: str, argv: Sequence[str]) -> int:
    """Run a program on a node with this process's streams; its exit status.

    It gets a terminal where stdin and stdout are one. Raises EngineError.
    """
    if sys.platform == "win32":
        raise EngineError("this needs a POSIX terminal", help="docker exec -it NODE sh does it")
    terminal = os.isatty(0) and os.isatty(1)
    with translated(f"run {argv[0]} on {node}"):
        client = engine.clients.mine()
        environment = {"TERM": os.environ.get("TERM", "dumb")} if terminal else None
        made = client.exec_create(
            node, list(argv), stdin=True, tty=terminal, environment=environment
        )
        stream = own(client.exec_start(made["Id"], tty=terminal, socket=True))
        with stream:
            if terminal:
                _terminal(stream, client, made["Id"])
            else:
                _pipes(stream)
        return _status(client, node, made["Id"])


def _status(client: APIClient, node: str, program: str) -> int:
    """How it ended; its stream may end before the engine knows (its Running and ExitCode say)."""
    for _ in _ends(client, node, now(client)):
        status = client.exec_inspect(program)["ExitCode"]
        if status is not None:
            return int(status)
    raise EngineError(f"the engine does not say how the program on {node} ended")


def _ends(client: APIClient, node: str, since: int) -> Iterator[object]:
    """One item at once, one for each program run on the node that ended since then, and a last."""
    yield "the first look"
    told = {"type": "container", "event": "exec_die", "container": node}
    yield from looks(client, told, since=since, until=since + _ENDS)


# -- a terminal ------------------------------------------------------------------------------


def _terminal(stream: socket.socket, client: APIClient, program: str) -> None:
    with _raw(0), _resized() as resized, selectors.DefaultSelector() as selector:
        _resize(client, program)
        selector.register(0, selectors.EVENT_READ, lambda: _typed(stream))
        selector.register(stream, selectors.EVENT_READ, lambda: _shown(stream))
        selector.register(resized, selectors.EVENT_READ, lambda: _turned(resized, client, program))
        while all(key.data() for key, _ in selector.select()):
            pass


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    import termios  # noqa: PLC0415 - there is none on Windows
    import tty  # noqa: PLC0415

    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


@contextmanager
def _resized() -> Iterator[socket.socket]:
    """A socket that can be read whenever the window changed its size."""
    told, tell = socket.socketpair()
    tell.setblocking(False)

    def changed(_number: int, _frame: object) -> None:
        with suppress(BlockingIOError):
            tell.send(b"!")

    before = signal.signal(signal.SIGWINCH, changed)
    try:
        yield told
    finally:
        signal.signal(signal.SIGWINCH, before)
        told.close()
        tell.close()


def _resize(client: APIClient, program: str) -> None:
    size = os.get_terminal_size(1)
    with suppress(APIError):  # it has ended already, and what it wrote is still to be shown
        client.exec_resize(program, height=size.lines, width=size.columns)


def _typed(sock: socket.socket) -> bool:
    data = os.read(0, _CHUNK)
    sock.sendall(data)
    return bool(data)


def _shown(sock: socket.socket) -> bool:
    data = sock.recv(_CHUNK)
    _write(1, data)
    return bool(data)


def _turned(resized: socket.socket, client: APIClient, program: str) -> bool:
    resized.recv(_CHUNK)
    _resize(client, program)
    return True


# -- pipes -----------------------------------------------------------------------------------


def _pipes(stream: socket.socket) -> None:
    threading.Thread(target=_feed, args=(stream,), daemon=True).start()
    decoder = EngineDecoder()
    while data := stream.recv(_CHUNK):
        for number, part in decoder.feed(data):
            _write(1 if number == STDOUT else 2, part)


def _feed(sock: socket.socket) -> None:
    with suppress(OSError):  # the program ended before its input did
        while data := os.read(0, _CHUNK):
            sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
