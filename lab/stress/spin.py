"""The program of one spinner: `python spin.py SEED`, with a pipe from whoever began it as stdin.

Law: ends with the pipe, so at the death of whoever holds its other end, however that came about.
Between two looks it is busy for a fifth of a second at most. Standard library only.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time

LONGEST = 0.2  # seconds of work at a stretch
PAUSE = 0.05  # seconds of rest at most


def main(seed: int) -> None:
    """Take CPU time, in bursts, on one CPU after another, until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches all of the terminal's programs
    chance = random.Random(seed)
    pipe = select.poll()
    pipe.register(0, select.POLLIN | select.POLLHUP)
    while not pipe.poll(chance.uniform(0, PAUSE) * 1000):
        _move(chance)
        until = time.monotonic() + chance.uniform(0, LONGEST)
        while time.monotonic() < until:
            pass


def _move(chance: random.Random) -> None:
    """To one of the CPUs there are, where the system lets programs choose."""
    if hasattr(os, "sched_setaffinity"):
        cpu = chance.randrange(os.cpu_count() or 1)
        try:
            os.sched_setaffinity(0, {cpu})
        except OSError:  # not one of ours
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
