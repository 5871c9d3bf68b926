"""Processes that take CPU time away.

Law: they end with the context, and with the process that made them, also by SIGKILL: each reads
a pipe that nobody else holds.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lab.errors import LabError
from lab.stress import spin

PER_CPU = 2


@contextmanager
def spinning(seed: int, count: int | None = None) -> Iterator[tuple[int, ...]]:
    """Keep this machine busy with so many processes, or two for each CPU; yields their pids.

    Raises LabError where they cannot be started.
    """
    chance = random.Random(seed)
    number = PER_CPU * (os.cpu_count() or 1) if count is None else count
    with ExitStack() as stack:
        spinners = [_spinner(stack, chance.randrange(2**32)) for _ in range(number)]
        yield tuple(spinner.pid for spinner in spinners)


def _spinner(stack: ExitStack, seed: int) -> subprocess.Popen[bytes]:
    try:
        spinner = subprocess.Popen(
            [sys.executable, "-I", "-S", spin.__file__, str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise LabError(
            f"the CPUs cannot be kept busy: {error.strerror}",
            help="run without --stress, or let this user have more processes (ulimit -u)",
        ) from error
    stack.callback(_end, spinner)
    return spinner


def _end(spinner: subprocess.Popen[bytes]) -> None:
    if spinner.stdin is not None:
        spinner.stdin.close()
    spinner.kill()
    spinner.wait()
