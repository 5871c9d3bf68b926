"""Whether a case's machines fit where they are to be, found out before the first is made.

Law: what is left is held against the least that nodes take; a case that cannot fit is an ERROR
that says what to raise. Few nodes fit anywhere, and nothing is asked for them.
"""

from __future__ import annotations

import os
from pathlib import Path

from lab.errors import EngineError
from lab.ports import Agent, Engine

FEW = 64  # nodes: fewer than the smallest usual limit (1024 open files) has room for

# What a node takes at least, as counted on Engine 20.10 and 28.5.
LAB_FILES = 1  # its stream
AGENT_FILES = 3  # its first process and two sockets in its network
ENGINE_FILES = 10  # streams, sockets and pipes of the daemon
TASKS = 12  # threads of the process that the engine keeps beside it, and its own
MEMORY = 6 * 1024 * 1024  # bytes: the same

_OTHERS = 64  # files that the lab has open otherwise: connections, records


def check(nodes: int, engine: Engine, agent: Agent) -> None:
    """Raises EngineError where so many nodes do not fit. May let this process open more files."""
    if nodes < FEW:
        return
    _allow_files(nodes * LAB_FILES + _OTHERS)
    spare = agent.spare()
    _held("open files of the agent", nodes, AGENT_FILES, spare.agent_files, _RAISE)
    _held("open files of the engine", nodes, ENGINE_FILES, spare.engine_files, _RAISE_ENGINE)
    _held("threads", nodes, TASKS, spare.tasks, _RAISE_TASKS)
    _held("bytes of memory", nodes, MEMORY, engine.capacity().memory or None, "use fewer nodes")


_RAISE = "raise the limit of open files before lab is called (ulimit -n), or use fewer nodes"
_RAISE_ENGINE = "raise LimitNOFILE= of the engine's service, or use fewer nodes"
_RAISE_TASKS = (
    "raise kernel.pid_max and kernel.threads-max on the engine's machine (sysctl -w), or use "
    "fewer nodes"
)


def _held(thing: str, nodes: int, each: int, left: int | None, advice: str) -> None:
    if left is not None and nodes * each > left:
        raise EngineError(
            f"{nodes} nodes take {nodes * each:,} {thing} at least, and {max(left, 0):,} are left",
            help=advice,
        )


def _allow_files(more: int) -> None:
    """Let this process open so many more files, as far as it may."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows, and no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = more + _open_now()
    if soft in (resource.RLIM_INFINITY,) or needed <= soft:
        return
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise EngineError(
            f"so many nodes take {needed:,} open files of the lab, and it may have {hard:,}",
            help=_RAISE,
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _open_now() -> int:
    for folder in ("/proc/self/fd", "/dev/fd"):
        if Path(folder).is_dir():
            return len(os.listdir(folder))  # noqa: PTH208 - counts only
    return 0
