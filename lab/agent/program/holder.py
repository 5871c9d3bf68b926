"""A node's first process, held in a way that process id reuse cannot fool.

Law: its folder in /proc is opened once and everything is read through that; once the process
has ended, nothing can be read there ever again, whoever has its number now (proc(5)).
"""

import os

from .refusal import NOT_HERE, Refusal

_CHUNK = 65536


class Holder:
    """A process by its id, from now until it ends. Raises Refusal when there is none."""

    def __init__(self, pid: int) -> None:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            self._folder = os.open(f"/proc/{pid}", flags)
        except OSError as error:
            raise Refusal(NOT_HERE, f"there is no process {pid} here") from error

    def open(self, name: str, flags: int = 0) -> int:
        """A descriptor of one of its files; OSError when that or the process is not there."""
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC | flags, dir_fd=self._folder)

    def read(self, name: str) -> bytes:
        """One of its files, whole."""
        return read_at(self._folder, name)

    def identity(self, name: str) -> tuple[int, int]:
        """What tells one of its namespaces from all others (namespaces(7))."""
        found = os.stat(name, dir_fd=self._folder)
        return found.st_dev, found.st_ino

    def lives(self) -> bool:
        """Whether it has not ended; a zombie has."""
        try:
            return state(self.read("stat")) not in "ZX"
        except OSError:
            return False

    def close(self) -> None:
        """Let go of it."""
        os.close(self._folder)


def read_at(folder: int, name: str) -> bytes:
    """A file in an open folder, whole."""
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        parts = [os.read(descriptor, _CHUNK)]
        while parts[-1]:
            parts.append(os.read(descriptor, _CHUNK))
        return b"".join(parts)
    finally:
        os.close(descriptor)


def state(stat: bytes) -> str:
    """The state letter of /proc/PID/stat; the name before it may hold any byte."""
    return chr(stat[stat.rindex(b")") + 2])
