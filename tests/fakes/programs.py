"""Programs that fake nodes have; each does what its namesake on a real machine does.

Law: only as much of the namesake as tests use.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.process import FakeProcess, Program


def cat(process: FakeProcess) -> int:
    """Copy stdin to stdout."""
    while line := process.read_line():
        process.write(line)
    return 0


def echo(process: FakeProcess) -> int:
    """Print the arguments."""
    process.write(" ".join(process.argv[1:]).encode(errors="surrogateescape") + b"\n")
    return 0


def false(process: FakeProcess) -> int:
    """Fail."""
    return 1


def sleep(process: FakeProcess) -> int:
    """Sleep for ever."""
    process.wait()
    return 0


PROGRAMS: Mapping[str, Program] = {
    path: program
    for program in (cat, echo, false, sleep)
    for path in (program.__name__, f"/bin/{program.__name__}")
}
