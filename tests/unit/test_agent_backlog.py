"""What a socket of the agent's may hold: all that was asked for, or what its user may have."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lab.agent.program import backlog

AGENT = Path(__file__).parents[2] / "lab" / "agent"
SIZE = 1 << 26
LOOK = f"""
import socket, sys
sys.path.insert(0, {str(AGENT)!r})
from program import backlog
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    backlog.allow(one, {SIZE})
    print(one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the agent's program is for Linux")


class Ordinary(socket.socket):
    """Of a process that may not force anything."""

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:  # type: ignore[override]
        if option == 33:  # SO_RCVBUFFORCE
            raise PermissionError
        super().setsockopt(level, option, value)


def most() -> int:
    """The kernel counts twice what is asked for: its own bytes take room, too (socket(7))."""
    return 2 * int(Path("/proc/sys/net/core/rmem_max").read_text())


def test_who_may_not_force_it_gets_as_much_as_there_is_for_all() -> None:
    with Ordinary(socket.AF_INET, socket.SOCK_DGRAM) as one:
        backlog.allow(one, SIZE)
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == min(2 * SIZE, most())


def test_so_does_root_of_a_user_namespace() -> None:
    apart = ["unshare", "--user", "--map-root-user", sys.executable, "-S", "-E", "-c", LOOK]
    done = subprocess.run(apart, check=False, capture_output=True, text=True)
    if "unshare failed" in done.stderr:
        pytest.skip("this machine lets nobody make user namespaces")
    assert (done.stderr, int(done.stdout)) == ("", min(2 * SIZE, most()))
