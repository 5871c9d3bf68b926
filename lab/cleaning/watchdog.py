"""A process that cleans up after a lab which was killed: begun by the lab, it outlives it.

Law: it is no more than a shell that waits for a word from the lab; only when the lab ends
without one does it become `python -m lab.cleaning`. It costs the lab no time, is seen by nobody,
and ends when the lab does, or in bounded time after it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import lab
from lab.cleaning.journal import Journal
from lab.owner import marks

if TYPE_CHECKING:
    from lab.engine.docker_engine import DockerEngine

# Signals for the lab's whole group or session are not for this one, which is in its own; those
# are ignored that end everything somebody has begun, or his machine: the lab cleans up then.
_SHELL = "/bin/sh"
_WAIT = "trap '' HUP INT TERM; read -r word || exec \"$@\""
_DONE = b"done\n"
_GRACE = 5.0  # seconds for it to end


@contextmanager
def watched(engine: DockerEngine) -> Iterator[Journal]:
    """Inside this context: what the engine makes is removed even if this process is killed."""
    journal = Journal()
    watchdog = _begun(engine.reach, marks(os.getpid()), journal)
    engine.tell(journal.ask)
    try:
        yield journal
    finally:
        if watchdog is not None:
            _end(watchdog)
        journal.close()


def _begun(
    reach: str, whose: Mapping[str, str], journal: Journal
) -> subprocess.Popen[bytes] | None:
    """None where there is no shell, or no room for a process: then the next command cleans up."""
    told = (reach, json.dumps(dict(whose)), str(journal.descriptor))
    command = [sys.executable, "-P", "-m", "lab.cleaning", *told]
    try:
        return subprocess.Popen(
            [_SHELL, "-c", _WAIT, "lab-watchdog", *command],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=(journal.descriptor,),
            start_new_session=True,
        )
    except OSError:
        return None


def _environment() -> dict[str, str]:
    """As ours, and the lab found where it is."""
    paths = str(Path(lab.__file__).parents[1]), os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _end(watchdog: subprocess.Popen[bytes]) -> None:
    if watchdog.stdin is not None:
        with suppress(OSError), watchdog.stdin as pipe:  # somebody may have ended it
            pipe.write(_DONE)
    try:
        watchdog.wait(_GRACE)
    except subprocess.TimeoutExpired:
        watchdog.kill()
        watchdog.wait()
