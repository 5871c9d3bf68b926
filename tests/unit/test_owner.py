"""Which process made a thing, and whether it still runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.owner import EXPIRES, OWNER, PROCESS, Life, Surroundings, here, life, marks, owned, runs


@pytest.fixture(name="child")
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for its input to end."""
    command = [sys.executable, "-S", "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def test_this_process_runs() -> None:
    assert life(owned(), here()) is Life.RUNS


def test_a_process_runs_until_it_ends(child: subprocess.Popen[bytes]) -> None:
    labels = marks(child.pid)
    assert labels[OWNER].endswith(f":{child.pid}")
    assert life(labels, here()) is Life.RUNS
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    assert life(labels, here()) is Life.ENDED
    child.wait()
    assert life(labels, here()) is Life.ENDED


def test_a_stopped_process_runs(child: subprocess.Popen[bytes]) -> None:
    labels = marks(child.pid)
    os.kill(child.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    assert life(labels, here()) is Life.RUNS


def test_another_process_of_that_number_is_another() -> None:
    mine = marks(os.getpid())
    place, _, start = mine[PROCESS].rpartition("/")
    before = {**mine, PROCESS: f"{place}/{int(start) - 1}"}
    assert life(before, here()) is Life.ENDED


def test_a_process_whose_start_is_hidden_is_not_taken_for_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hidden(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", hidden)  # hidepid, or a system without /proc
    assert runs(os.getpid(), "1")


def test_somebody_elses_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError

    start = marks(os.getpid())[PROCESS].rpartition("/")[2]
    monkeypatch.setattr(os, "kill", forbidden)
    assert runs(os.getpid(), start)
    assert not runs(os.getpid(), start + "0")


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {OWNER: "me@here:1"},  # another system, or another program's label
        {OWNER: "me@here:1", PROCESS: "elsewhere/7"},
        {OWNER: "me@here:x", PROCESS: "here/7"},
        {OWNER: "me@here:", PROCESS: "here/7"},
    ],
)
def test_what_cannot_be_seen_from_here(labels: dict[str, str]) -> None:
    nothing_runs = Surroundings("here", lambda *_: False)
    assert life(labels, nothing_runs) is Life.UNSEEN


def test_a_number_no_process_can_have_is_none() -> None:
    assert not runs(10**30, "1")


def test_the_place_is_one_boot_and_one_set_of_numbers() -> None:
    place = here().place
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() in place
    assert str(Path("/proc/self/ns/pid").stat().st_ino) in place


def test_without_proc_the_place_is_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(socket, "gethostname", lambda: "mac.local")
    assert here().place == "mac.local"


def test_a_lease_is_as_long_as_what_it_is_for_and_an_hour() -> None:
    until = int(owned(7200)[EXPIRES])
    assert 0 <= until - time.time() - 7200 - 3600 + 60 <= 60
