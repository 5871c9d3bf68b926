"""The private engine's processes: found by their own command lines, ended through a pidfd.

Law: a process is signalled only after it was recognized while held by its pidfd, so a process
id that was used again can never be hit.
"""

import os
import select
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from .errors import PrivateEngineError
from .home import Home

PROC = Path("/proc")
# What the daemon's process is, one after another, from its birth on.
STAGES = frozenset({"setsid", "unshare", "sh", "dockerd"})


def daemon_pid(home: Home) -> int | None:
    """The process id of this home's dockerd or of what is to become it, None if there is none."""
    return next((pid for pid in all_pids() if is_daemon(home, pid)), None)


def is_daemon(home: Home, pid: int) -> bool:
    """Whether the process is the dockerd of this home, or on its way to become it."""
    words = command_line(pid)
    return mark(home) in words and Path(words[0]).name in STAGES


def mark(home: Home) -> str:
    """The argument by which all stages of the daemon's process are known."""
    return f"--pidfile={home.pid_file}"


def is_part(home: Home, pid: int) -> bool:
    """Whether the process is the containerd of this home or one of its shims."""
    words = command_line(pid)
    named = bool(words) and Path(words[0]).name.startswith("containerd")
    return named and any(word.startswith(f"{home.exec_root}/") for word in words)


def all_pids() -> Iterator[int]:
    """Every process there is now."""
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def command_line(pid: int) -> list[str]:
    """The process's arguments (proc(5)); none for a zombie or one that is gone."""
    try:
        text = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(word) for word in text.split(b"\0")[:-1]]


def children(pid: int) -> list[int]:
    """The process's children (proc(5), task/TID/children)."""
    found = []
    for task in (PROC / str(pid) / "task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:
            continue  # ended while we looked
    return found


def end(pid: int, is_meant: Callable[[], bool], grace: float) -> None:
    """Ask the process to end, wait `grace` seconds for it, then kill it.

    Raises PrivateEngineError if even that does not end it.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if is_meant() and not ended(handle, signal.SIGTERM, grace):
            kill(pid, handle)
    finally:
        os.close(handle)


def ends(pid: int, grace: float) -> bool:
    """Whether the process ends by itself within `grace` seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], grace)[0])
    finally:
        os.close(handle)


def kill(pid: int, handle: int) -> None:
    """Kill the process and wait for its end, which the kernel may take some seconds over."""
    if not ended(handle, signal.SIGKILL, 10):
        raise PrivateEngineError(f"process {pid} does not end, not even when killed")


def ended(handle: int, how: signal.Signals, grace: float) -> bool:
    """Send the signal; whether the process has ended within `grace` seconds."""
    try:
        signal.pidfd_send_signal(handle, how)
    except ProcessLookupError:
        return True
    return bool(select.select([handle], [], [], grace)[0])


def end_parts(home: Home) -> None:
    """Kill what a daemon that died left running: containers first, then what holds them."""
    for part in [pid for pid in all_pids() if is_part(home, pid)]:
        for child in children(part):
            end(child, partial(is_child, child, part), 0)
        end(part, partial(is_part, home, part), 0)


def is_child(pid: int, parent: int) -> bool:
    """Whether the process is a child of `parent`."""
    return pid in children(parent)
