"""What runs beside a case changes no verdict: other cases, other labs, a busy machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lab.engine.docker_engine import DockerEngine
from tests.selftest.moments import EngineEvent
from tests.selftest.process import LabProcess

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

SPIN = "while True: pass"
# Room for 16 networks, so that two labs that draw from it often draw the same.
SMALL_POOLS = "198.19.255.128/25,fd1a:b50c:6e7f:fff0::/60"


@pytest.fixture
def busy() -> Iterator[None]:
    """Every core is kept busy by something else."""
    cores = os.cpu_count() or 1
    spinning = [subprocess.Popen([sys.executable, "-S", "-c", SPIN]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def run_both(engine: DockerEngine, *arguments: str, **environment: str) -> None:
    """Two labs at the same time; every case of both passes and nothing of either is left."""
    words = ["run", *arguments, "--json", "--engine", engine.url]
    with ExitStack() as stack:
        labs = [stack.enter_context(LabProcess(*words, **environment)) for _ in range(2)]
        ends = [lab.end() for lab in labs]
        assert [ended.not_passed for ended in ends] == [[], []]
        assert [ended.status for ended in ends] == [0, 0]
        cases = [{case["case"] for case in ended.cases} for ended in ends]
        assert cases[0] == cases[1] != set()
        assert [lab.left(engine) for lab in labs] == [(), ()]


def test_scenarios_twice_by_two_labs_on_a_busy_machine(engine: DockerEngine, busy: None) -> None:
    run_both(engine, "fact-3", "fact-7", "fact-10", "-j", "2")


def test_output_that_nobody_reads_yet_holds_no_case_up(engine: DockerEngine) -> None:
    with LabProcess("run", "udp", "-v", "--engine", engine.url) as lab:
        EngineEvent(100).await_it(lab, engine)  # of at least 110 while it writes 10,000 bytes
        assert not lab.ends_within(0)
        ended = lab.end()
    assert ended.status == 0
    told = re.search(r"([0-9]+) scenarios: \1 passed", ended.out)
    assert told is not None
    assert ended.out.count("PASS") == int(told[1])


def test_two_labs_that_draw_from_the_same_few_subnets(engine: DockerEngine) -> None:
    run_both(engine, "fact-6", "fact-9", "-j", "3", LAB_SUBNETS=SMALL_POOLS)
