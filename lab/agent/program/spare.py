"""How much is left of what every node takes: open files of the engine and the agent, and tasks.

Law: only reads (proc(5), getrlimit(2)); what cannot be known from here is left out.
"""

import os
from collections.abc import Callable, Mapping

FILES = "Max open files"  # its row in /proc/PID/limits


def spare(engine: int | None) -> Mapping[str, int]:
    """What is left, by word. `engine` is its process, None: it cannot be seen from here."""
    asked: dict[str, Callable[[], int]] = {
        "agent_files": lambda: _files("self"),
        "tasks": _tasks,
    }
    if engine is not None:
        asked["engine_files"] = lambda: _files(str(engine))
    found: dict[str, int] = {}
    for word, look in asked.items():
        try:
            found[word] = look()
        except (OSError, ValueError, IndexError):
            continue
    return found


def _files(process: str) -> int:
    """What a process may open yet. ValueError: any number."""
    row = next(row for row in _read(f"{process}/limits").splitlines() if row.startswith(FILES))
    return int(row[len(FILES) :].split()[0]) - len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208


def _tasks() -> int:
    """How many more threads there can be: each has a number, and there are so many."""
    there = _read("loadavg").split()[3].partition("/")[2]
    most = (_read(f"sys/kernel/{name}") for name in ("pid_max", "threads-max"))
    return min(map(int, most)) - int(there)


def _read(name: str) -> str:
    with open(f"/proc/{name}", encoding="ascii", errors="replace") as file:  # noqa: PTH123
        return file.read()
