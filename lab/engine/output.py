"""What a lasting node's programs wrote, out of the engine's log of it.

Law: only reads; what a program wrote without a newline is not held back. The log is the holder's
stream (lab.frames.Decoder), kept byte for byte by the `local` log driver.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from docker import APIClient

from lab import frames
from lab.engine.errors import translated
from lab.engine.streams import own
from lab.errors import EngineError

if TYPE_CHECKING:
    from lab.engine.docker_engine import DockerEngine

_FLUSH_LIMIT = 5.0  # seconds
# The engine writes a line down when it is whole: an answer of newlines completes what is there.
_NEWLINES = int.from_bytes(b"\n" * 8, "big")


def output(engine: DockerEngine, node: str, *, follow: bool) -> Iterator[bytes]:
    """Stdout and stderr of all programs of a node, in order; with `follow` until it is gone.

    Raises EngineError, also where the node wrote more than the engine keeps.
    """
    decoder = frames.Decoder()
    try:
        for part in recorded(engine, node, follow=follow):
            for event in decoder.feed(part):
                if isinstance(event, (frames.Stdout, frames.Stderr)):
                    yield event.data
    except frames.FrameError as error:
        raise EngineError(
            f"the log of {node} does not begin where its programs did",
            help="it wrote more than the engine keeps; start it again: lab down, lab up",
        ) from error


def recorded(engine: DockerEngine, node: str, *, follow: bool) -> Iterator[bytes]:
    """The holder's stream of a lasting node from its beginning. Raises EngineError."""
    with translated(f"read the log of {node}"):
        client = engine.clients.mine()
        if client.inspect_container(node)["State"]["Running"]:
            _flush(client, node)
        stream = client.logs(node, stdout=True, stderr=False, stream=True, follow=follow)
        with closing(stream):
            yield from stream


def _flush(client: APIClient, node: str) -> None:
    """Have the node's holder say newlines; bounded, and no matter if it cannot."""
    params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    with own(client.attach_socket(node, params=params)) as attached:
        attached.settimeout(_FLUSH_LIMIT)
        try:
            attached.sendall(frames.ping(_NEWLINES))
            _await_answer(attached)
        except TimeoutError:
            return  # a stopped holder answers nobody; what it wrote before is in the log


def _await_answer(attached: socket.socket) -> None:
    engine = frames.EngineDecoder()
    answer = frames.ping(_NEWLINES)[-8:]
    heard = b""
    while answer not in heard and (data := attached.recv(65536)):
        for stream, part in engine.feed(data):
            heard = (heard + part)[-65536:] if stream == frames.STDOUT else heard
