"""What a lab has asked its engine to make, for whoever cleans up after it.

Law: a name is written before the engine is asked for it, so what may come into being although
its lab was killed is known. Lines are only ever added; the last one counts once it is whole.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

_ASKED, _ANSWERED, _SPARED = b"?", b"!", b"="
_CHUNK = 65536


class Record(Struct, frozen=True):
    """What was asked for and not answered, by name; and runs whose things are to stay."""

    awaited: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()


class Journal:
    """A file without a name, for this process and those it begins. Any thread may write."""

    def __init__(self) -> None:
        self.descriptor = _file()
        # Without it, two threads at once could write to one place (a memory file has no lock).
        fcntl.fcntl(self.descriptor, fcntl.F_SETFL, os.O_APPEND)

    def ask(self, name: str, *, answered: bool) -> None:
        """The engine will be asked to make it, or has answered."""
        self._write(_ANSWERED if answered else _ASKED, name)

    def spare(self, run: str) -> None:
        """From now on the run's things are to stay when the lab goes away."""
        self._write(_SPARED, run)

    def close(self) -> None:
        """Let go of it."""
        os.close(self.descriptor)

    def _write(self, word: bytes, name: str) -> None:
        with suppress(OSError):  # no space: without it, less is known, nothing is wrong
            os.write(self.descriptor, word + name.encode() + b"\n")


def read(descriptor: int) -> Record:
    """What a journal says so far."""
    awaited, spared = set[str](), set[str]()
    *lines, _ = b"".join(_chunks(descriptor)).split(b"\n")
    for line in lines:
        word, name = line[:1], line[1:].decode()
        if word == _SPARED:
            spared.add(name)
        elif word == _ASKED:
            awaited.add(name)
        else:
            awaited.discard(name)
    return Record(frozenset(awaited), frozenset(spared))


def _chunks(descriptor: int) -> Iterator[bytes]:
    offset = 0
    while data := os.pread(descriptor, _CHUNK, offset):
        offset += len(data)
        yield data


def _file() -> int:
    if hasattr(os, "memfd_create"):  # no disk that could be full
        return os.memfd_create("lab-journal")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
