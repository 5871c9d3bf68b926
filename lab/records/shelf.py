"""The folder of runs: a directory for each, the oldest removed, the newest found.

Law: only directories whose names are a run's are ever touched, and none that a live process is
writing to.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

KEPT = 20  # runs, this one among them
_NAME = re.compile(r"\d{8}-\d{6}-\d{3}-[0-9a-f]{4}")


def new_name(now: float, token: str = "") -> str:
    """What a run that begins now (seconds since 1970) is called; names sort by time.

    `token`: at least 4 hexadecimal digits, where several processes are to come to the same name.
    """
    whole = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"{whole}-{int(now % 1 * 1000):03}-{token[:4] or os.urandom(2).hex()}"


class Shelf(Struct, frozen=True):
    """The runs below a folder, of which `keep` stay."""

    folder: Path
    keep: int = KEPT

    def names(self) -> list[str]:
        """Of all runs, the oldest first; none where there is no such folder."""
        try:
            entries = [entry.name for entry in os.scandir(self.folder) if entry.is_dir()]
        except OSError:
            return []
        return sorted(name for name in entries if _NAME.fullmatch(name))

    @contextlib.contextmanager
    def writing(self, name: str, *, shared: bool = False) -> Iterator[Path]:
        """The directory of a new run, which no other process removes meanwhile.

        Older ones make room first. `shared`: others of the same run write there, too. Raises
        OSError.
        """
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=shared)
            (self.folder / ".gitignore").write_text("*\n")
        run = self.folder / name
        run.mkdir(exist_ok=shared)
        lock = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            self._prune(name)
            yield run
        finally:
            os.close(lock)

    def _prune(self, mine: str) -> None:
        """Remove the oldest. What cannot be removed stays: it is in nobody's way."""
        others = [name for name in self.names() if name != mine]
        for name in others[: max(len(others) - self.keep + 1, 0)]:
            with contextlib.suppress(OSError), _unused(self.folder / name):
                shutil.rmtree(self.folder / name)


@contextlib.contextmanager
def _unused(run: Path) -> Iterator[None]:
    """Raises BlockingIOError where a live process is writing to it."""
    lock = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)
