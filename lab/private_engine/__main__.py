"""`python3 -m lab.private_engine start|stop|status|remove`.

Law: reads the command line and prints; every decision is made elsewhere. Progress goes to
standard error, the socket's URL and the status to standard output.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.errors import ExitStatus, LabError

from . import answer, daemon, processes, removal, rootfs
from .home import Home, chosen

USAGE = """\
usage: python3 -m lab.private_engine start|stop|status|remove
  start    make the private Docker Engine if need be, start it, print its socket's URL
  stop     stop it and its containers; its images stay
  status   running, stopped or not made
  remove   stop it and delete it with all its images"""


def report(line: str) -> None:
    """Show progress."""
    print(line, file=sys.stderr, flush=True)


def start() -> int:
    """Start it; print the URL of its socket."""
    if daemon.endpoint() is not None:
        report("the private Docker Engine is already running")
    print(daemon.start(report))
    return ExitStatus.PASSED


def stop() -> int:
    """Stop it."""
    ran = removal.stop(report)
    print("stopped" if ran else "the private Docker Engine was not running")
    return ExitStatus.PASSED


def status() -> int:
    """Print how it is; 0 if it runs."""
    home = chosen()
    state = state_of(home)
    print(f"state    {state}")
    print(f"version  {answer.version(home.socket) or '-'}")
    print(f"socket   {home.url}")
    for name, folder in (("tree", home.tree), ("data", home.data)):
        print(f"{name:8} {folder} ({size(folder)})")
    return ExitStatus.PASSED if state == "running" else ExitStatus.ERROR


def state_of(home: Home) -> str:
    """running, stopped, not made, or running without answering."""
    if answer.answers(home.socket):
        return "running"
    if processes.daemon_pid(home) is not None:
        return "running, but does not answer"
    return "stopped" if rootfs.is_made(home.tree) else "not made"


def size(folder: Path) -> str:
    """What the folder takes on disk, as du(1) says it."""
    command = ["du", "-shx", "-D", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.split("\t")[0] or "absent"


def remove() -> int:
    """Delete it."""
    removal.remove(report)
    print("removed")
    return ExitStatus.PASSED


COMMANDS: dict[str, Callable[[], int]] = {
    "start": start,
    "stop": stop,
    "status": status,
    "remove": remove,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(USAGE, file=sys.stderr)
        return ExitStatus.BAD_INPUT
    try:
        return COMMANDS[arguments[0]]()
    except LabError as error:
        print(f"error: {error.what}", file=sys.stderr)
        if error.help:
            print(f"help: {error.help}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        report("interrupted")
        return ExitStatus.INTERRUPTED


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `status | head` ends as any filter does
    sys.exit(main(sys.argv[1:]))
