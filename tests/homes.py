"""A private engine of a test's own, to be stopped, held and killed.

Law: it has a home of its own and borrows only the root tree of the machine's shared private
engine, where there is one; that engine itself is never touched. At the end nothing of it is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.private_engine import removal, rootfs
from lab.private_engine.home import DEFAULT_HOME, Home


@contextmanager
def borrowed_home(path: Path) -> Iterator[Home]:
    """A home in that folder, of which nothing runs yet; removed in the end."""
    made = Home(path)
    shared = Home(Path(DEFAULT_HOME)).tree
    if rootfs.is_made(shared):
        made.tree.symlink_to(shared)
    yield made
    removal.remove(silent, made)
    assert not made.path.exists()


def silent(line: str) -> None:
    """Report to nobody."""
