"""What the watchdog becomes once its lab has been killed; begun by it alone.

    python -m lab.cleaning REACH MARKS JOURNAL

Law: bounded in time by the kernel, whatever the engine does; says nothing, for nobody listens.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from contextlib import closing

from lab.cleaning.hunt import hunt
from lab.cleaning.journal import read
from lab.engine import reopen
from lab.errors import LabError

LIMIT = 120  # seconds; SIGALRM then ends it


def main(arguments: Sequence[str]) -> int:
    """Remove what is left; the exit status. `reach` as DockerEngine.reach, marks as JSON."""
    reach, marks, journal = arguments
    signal.alarm(LIMIT)
    try:
        with closing(reopen(reach)) as engine:
            return 0 if hunt(engine, json.loads(marks), read(int(journal))) else 1
    except LabError:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
