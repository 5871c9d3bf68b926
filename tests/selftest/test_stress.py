"""What a lab under --stress keeps busy with: it disturbs no verdict, and dies with the lab."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

import pytest

from lab.cleaning.removal import remove
from lab.engine.docker_engine import DockerEngine
from tests.selftest.moments import EngineEvent
from tests.selftest.process import PATIENCE, LabProcess, run_lab

pytestmark = pytest.mark.docker

SCENARIO = "udp-ipv6-only"


def spinners(lab: int) -> list[int]:
    """The processes that the lab with this pid has begun to keep the CPUs busy."""
    children = Path(f"/proc/{lab}/task/{lab}/children").read_text().split()
    return [int(pid) for pid in children if b"spin.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_they_die_with_a_lab_that_is_killed(engine: DockerEngine) -> None:
    with LabProcess("run", SCENARIO, "--stress", "-v", "--engine", engine.url) as lab:
        EngineEvent(3).await_it(lab, engine)
        handles = [os.pidfd_open(pid) for pid in spinners(lab.pid)]
        assert len(handles) == 2 * (os.cpu_count() or 1)
        lab.signal(signal.SIGKILL)
        lab.end()
        for handle in handles:
            assert select.select([handle], [], [], PATIENCE)[0], "a spinner outlives the lab"
            os.close(handle)
        remove(engine, lab.left(engine))


def test_under_stress_a_scenario_comes_to_the_same(engine: DockerEngine) -> None:
    words = ["--stress", "--seed", "7", "--repeat", "3", "--json", "--engine", engine.url]
    ended = run_lab("run", SCENARIO, *words)
    assert ended.not_passed == []
    assert sorted(case["repeat"] for case in ended.cases) == [1, 2, 3]
    assert "disturbed by seed 7" in ended.err
    assert ended.status == 0
