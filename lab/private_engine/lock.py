"""The lock of one private engine.

Law: whoever changes an engine or its files holds its lock; who only looks does not need it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .home import Home


@contextmanager
def locked(home: Home, report: Callable[[str], None]) -> Iterator[None]:
    """Hold the home's lock (flock(2)), making the home if need be; says so when it must wait."""
    descriptor = held(home, report)
    try:
        yield
    finally:
        os.close(descriptor)


def held(home: Home, report: Callable[[str], None]) -> int:
    """The descriptor of the lock file, locked."""
    while True:
        home.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            take(descriptor, report)
        except BaseException:
            os.close(descriptor)
            raise
        if is_current(descriptor, home):
            return descriptor
        os.close(descriptor)  # the engine was removed while we waited: its lock was another file


def take(descriptor: int, report: Callable[[str], None]) -> None:
    """Lock the file, waiting for whoever holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        report("waiting for another command that works on the private engine")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_current(descriptor: int, home: Home) -> bool:
    """Whether the locked file is still the one that others find."""
    try:
        return os.path.samestat(os.fstat(descriptor), home.lock.stat())
    except FileNotFoundError:
        return False
