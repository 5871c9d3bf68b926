"""A terminal that is closed, a pipe nobody reads: the lab says nothing more and leaves nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.selftest.process import ROOT, LabOnTerminal, LabProcess

pytestmark = pytest.mark.docker

SCENARIO = "udp-ipv6-only"
# Makes its standard input the terminal of its session, whose end is then told by SIGHUP.
CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
LONG = """
intent: it must go on
timeout: 1h
nodes: {it: {service: listener}}
steps: [{start: it}, {wait: {for: it, stdout: nothing of the kind}, within: 1h}]
expect: {it: {exit: running}}
"""


def await_text(terminal: int, text: bytes) -> None:
    """Return when it has been written."""
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 65536)


def reports() -> set[str]:
    """Of errors nobody expected."""
    folder = ROOT / ".lab" / "reports"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@pytest.fixture(name="long")
def _long(tmp_path: Path) -> str:
    """A scenario that goes on until somebody stops it."""
    path = tmp_path / "long.yaml"
    path.write_text(LONG)
    return str(path)


@pytest.mark.parametrize("options", [("-v", "--no-live"), ()], ids=["lines", "live"])
def test_a_terminal_that_is_closed_stops_it(
    engine: DockerEngine, long: str, options: tuple[str, ...]
) -> None:
    before, command = reports(), (sys.executable, "-c", CONTROLLED)
    words = ["run", long, *options, "--engine", engine.url]
    with LabOnTerminal(*words, before=command) as lab:
        await_text(lab.ours, b"making")
        os.close(lab.ours)
        check(lab, engine, ExitStatus.INTERRUPTED)
    assert reports() == before


@pytest.mark.parametrize("options", [("-v", "--no-live"), ()], ids=["lines", "live"])
def test_a_terminal_that_goes_away_unheard_of(
    engine: DockerEngine, options: tuple[str, ...]
) -> None:
    """It is another session's: there is no SIGHUP, and it goes on as behind a closed pipe."""
    before = reports()
    with LabOnTerminal("run", SCENARIO, *options, "--engine", engine.url) as lab:
        await_text(lab.ours, b"making")
        os.close(lab.ours)
        check(lab, engine, ExitStatus.PASSED)
    assert reports() == before


def test_a_pipe_nobody_reads(engine: DockerEngine) -> None:
    before = reports()
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        lab.line()
        lab.close_output()
        check(lab, engine, ExitStatus.PASSED)
    assert reports() == before


def check(lab: LabProcess, engine: DockerEngine, status: ExitStatus) -> None:
    """How it ends, leaving nothing."""
    assert lab.status() == status
    assert lab.left(engine) == ()
    assert lab.processes() == []
