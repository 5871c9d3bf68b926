"""Which process made a thing on an engine, and whether that process still runs.

Law: a process is shown to run, shown to have ended, or not to be seen from here; what is not
seen is never taken for ended. Sources: proc(5), namespaces(7), time_namespaces(7).
"""

from __future__ import annotations

import functools
import getpass
import os
import socket
import time
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from msgspec import Struct

OWNER = "lab.owner"  # user@host:pid, for people
PROCESS = "lab.process"  # what tells it from all others with that number: PLACE/START
EXPIRES = "lab.expires"  # from then on (seconds since 1970) nobody need see it to have ended

LEASE = 3600  # seconds beyond the time a thing is needed: clocks of machines differ


class Life(Enum):
    """What can be said of a process."""

    RUNS = "runs"
    ENDED = "has ended"
    UNSEEN = "cannot be seen from here"


class Surroundings(Struct, frozen=True):
    """Where processes can be seen; `runs` is given a number and a start time of this place."""

    place: str
    runs: Callable[[int, str], bool]


def owned(lease: float = 0.0) -> Mapping[str, str]:
    """The labels of what this process makes now and needs for so many seconds."""
    return {**marks(os.getpid()), EXPIRES: str(int(time.time() + lease) + LEASE)}


@functools.lru_cache(maxsize=1)
def marks(pid: int) -> Mapping[str, str]:
    """The labels that everything made by a process of this machine has, and nothing else."""
    found = _stat(pid)
    start = "" if found is None else found[1]
    return {OWNER: f"{_user()}@{socket.gethostname()}:{pid}", PROCESS: f"{_place()}/{start}"}


def keeper(services: Path | None) -> str:
    """For whom machines are left standing: the user, and the project by its services."""
    return f"{_user()}@{socket.gethostname()}:{services.parent.resolve() if services else ''}"


def here() -> Surroundings:
    """What this process sees."""
    return Surroundings(_place(), runs)


def life(labels: Mapping[str, str], seen: Surroundings) -> Life:
    """What can be said of the process that made something with these labels."""
    pid = labels.get(OWNER, "").rpartition(":")[2]
    place, _, start = labels.get(PROCESS, "").rpartition("/")
    if place != seen.place or not pid.isdecimal():
        return Life.UNSEEN
    return Life.RUNS if seen.runs(int(pid), start) else Life.ENDED


def runs(pid: int, start: str) -> bool:
    """Whether a process of this place, begun then, has not ended; if that is hidden, it has not."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    found = _stat(pid)
    if found is None:
        return True  # no such files here, or not for us to read (hidepid)
    state, began = found
    return state not in "ZX" and began == start


def _stat(pid: int) -> tuple[str, str] | None:
    """State and start time (clock ticks since the machine began); None where that is not told."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before may hold anything
    return fields[0], fields[19]


def _place() -> str:
    """Within what numbers and start times of processes mean one process: machine, namespaces."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        spaces = [_namespace("pid"), _namespace("time")]
    except OSError:
        return socket.gethostname()
    return "-".join((boot, *filter(None, spaces)))


def _namespace(kind: str) -> str:
    try:
        return str(Path(f"/proc/self/ns/{kind}").stat().st_ino)
    except FileNotFoundError:  # a kernel without them
        return ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
