"""Machines by the dozen: up, checked and down, and gone when they are stopped half-way."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from lab.verdict import Verdict
from tests.bench.many import crowd
from tests.engines import DOCKER
from tests.selftest.moments import EngineEvent
from tests.selftest.process import LabProcess

pytestmark = pytest.mark.docker

ONE_ENGINE = {name: [each for each in DOCKER if each.id == name] for name in ("engine", "modern")}
NODES = 32
MADE = 2 * NODES  # events of the engine by which all are there and attached to
HALF = MADE + NODES // 2


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "crowd.yaml"
    path.write_text(crowd(NODES))
    return path


@pytest.mark.parametrize("engine", ONE_ENGINE["modern"], indirect=True)
def test_up_checked_and_down(engine: DockerEngine, path: Path) -> None:
    with LabProcess("run", str(path), "--json", "--engine", engine.url) as lab:
        ended = lab.end()
        assert lab.left(engine) == ()
    (case,) = ended.cases
    assert (case["verdict"], case["reason"]) == (Verdict.PASS.name, "")
    assert len(case["nodes"]) == NODES


@pytest.mark.parametrize("engine", ONE_ENGINE["engine"], indirect=True)
def test_stopped_while_they_are_started(engine: DockerEngine, path: Path) -> None:
    with LabProcess("run", str(path), "-v", "--engine", engine.url) as lab:
        EngineEvent(HALF).await_it(lab, engine)
        lab.signal(signal.SIGINT)
        ended = lab.end()
        assert lab.left(engine) == ()
        assert lab.processes() == []
    assert (ended.status, "trouble" in ended.out) == (ExitStatus.INTERRUPTED, False)
