"""One at a time across processes, for work on images that would only be done twice.

Law: saves work, never needed for a right result; where no lock can be had, there is none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path


@contextmanager
def alone(engine: str, image: str, report: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of an image on an engine (flock(2)); says so when it must wait.

    It ends with the process at the latest.
    """
    descriptor = None
    with suppress(OSError):
        descriptor = _taken(f"{engine}\0{image}", lambda: report(f"waiting: {image} is being made"))
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _taken(name: str, waiting: Callable[[], None]) -> int | None:
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 - there is none on Windows

    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "socketlab"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(name.encode()).hexdigest()[:12]}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
