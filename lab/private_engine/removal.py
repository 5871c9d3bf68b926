"""Stops and removes the private engine.

Law: takes away all that an engine of this home can have left on the machine, whether its daemon
ended well or was killed, and nothing else: only names made from the home are looked for.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from . import firewall, link, processes, rootfs
from .errors import PrivateEngineError, told
from .home import Home, chosen
from .lock import locked

Report = Callable[[str], None]

STOP_GRACE = 40.0  # seconds; the daemon gives its containers five


def stop(report: Report, home: Home | None = None) -> bool:
    """Stop the engine and its containers, and clear all it needed; whether it was running."""
    there = home or chosen()
    if not there.path.exists():
        return False
    require_root("stopped")
    with told("stopping"), locked(there, report):
        running = processes.daemon_pid(there) is not None
        if running:
            report("stopping the private Docker Engine and its containers")
        halt(there)
        return running


def remove(report: Report, home: Home | None = None) -> None:
    """Stop the engine and delete it: its tree, images, containers and volumes."""
    there = home or chosen()
    if not there.path.exists():
        return
    require_root("removed")
    with told("removing"), locked(there, report):
        halt(there)
        report("deleting the private Docker Engine and its images")
        rootfs.clear_unfinished(there.tree)
        for folder in (there.tree, there.data):
            rootfs.remove(folder)
        for file in (there.log, there.tree_log, there.pid_file, there.lock):
            file.unlink(missing_ok=True)
        remove_empty(there.path)


def require_root(what: str) -> None:
    """Raise PrivateEngineError unless we are root."""
    if os.geteuid() != 0:
        raise PrivateEngineError(f"the private engine can only be {what} by root")


def halt(home: Home) -> None:
    """End the daemon if it runs, then clear."""
    if (pid := processes.daemon_pid(home)) is not None:
        processes.end(pid, lambda: processes.is_daemon(home, pid), STOP_GRACE)
    clear(home)


def clear(home: Home) -> None:
    """Take away all that a daemon which no longer runs can have left on the machine."""
    processes.end_parts(home)
    link.remove(home.name)
    firewall.remove(home.name, home.tree)
    firewall.unforward(home.forwarding_note)
    home.pid_file.unlink(missing_ok=True)
    rootfs.remove(home.run)
    remove_empty(home.run.parent)


def remove_empty(folder: Path) -> None:
    """Remove the folder if nothing is in it."""
    with suppress(OSError):
        folder.rmdir()
