"""The processes of a node, as its own pid namespace sees them.

Law: read from the /proc the engine mounted in the node: it lists exactly that namespace, zombies
and processes that entered from outside included, at the cost of the node alone. A process that
ends while it is looked at is left out.
"""

import os
from collections.abc import Iterator

from .holder import read_at

Row = tuple[int, int, str, str]  # pid, parent's pid, state letter, command
Task = tuple[str, str, str, str]  # pid, thread, state letter, how often it gave up the processor

_ASLEEP = frozenset("SITZX")  # waiting, stopped, or ended (proc(5))


def processes(proc: int, holder: int) -> list[Row]:
    """All processes but the holder, which is the machine and none of its processes."""
    found = []
    for name in _pids(proc):
        text = _read(proc, f"{name}/stat")
        if text and int(name) != holder:
            found.append(process(text))
    return found


def process(stat: bytes) -> Row:
    """What /proc/PID/stat says; the command's name is in brackets and may hold any byte."""
    pid, _, rest = stat.partition(b" (")
    command, _, fields = rest.rpartition(b") ")
    letter, parent, _ = fields.split(b" ", 2)
    return int(pid), int(parent), letter.decode(), command.decode(errors="backslashreplace")


def asleep(proc: int) -> frozenset[Task] | None:
    """Every thread, the holder's too, if all are asleep; None if one is not.

    Two equal answers mean that none ran in between: each wake-up counts a context switch.
    """
    found = set()
    for pid in _pids(proc):
        for thread in _list(proc, f"{pid}/task"):
            text = _read(proc, f"{pid}/task/{thread}/status")
            letter, switches = activity(text.decode(errors="replace"))
            if letter not in _ASLEEP:
                return None
            found.add((pid, thread, letter, switches))
    return frozenset(found)


def activity(status: str) -> tuple[str, str]:
    """State letter and context switches of a /proc/PID/task/TID/status; `X` for an empty one."""
    letter, switches = "X", ""
    for line in status.splitlines():
        name, _, value = line.partition(":\t")
        if name == "State":
            letter = value[0]
        elif name.endswith("voluntary_ctxt_switches"):
            switches += f"{value} "
    return letter, switches


def namespace_pid(status: str) -> int:
    """The process's number in the innermost of its pid namespaces (NSpid)."""
    for line in status.splitlines():
        name, _, value = line.partition(":\t")
        if name == "NSpid":
            return int(value.split()[-1])
    return 1


def _pids(proc: int) -> Iterator[str]:
    return (name for name in os.listdir(proc) if name.isdigit())


def _list(proc: int, name: str) -> list[str]:
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
    except OSError:
        return []
    try:
        return os.listdir(folder)  # noqa: PTH208 - an open folder
    except OSError:
        return []
    finally:
        os.close(folder)


def _read(proc: int, name: str) -> bytes:
    try:
        return read_at(proc, name)
    except OSError:
        return b""
