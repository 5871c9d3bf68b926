"""With the agent in a container of the engine's, as where the lab is not root beside it."""

from __future__ import annotations

import signal

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.selftest.moments import EngineEvent, Line
from tests.selftest.process import LabProcess

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

CONTAINER = {"LAB_AGENT": "container"}


def test_every_scenario_passes(engine: DockerEngine) -> None:
    words = ["run", "all", "-j", "4", "--json", "--engine", engine.url]
    with LabProcess(*words, **CONTAINER) as lab:
        ended = lab.end()
        assert ended.not_passed == []
        assert (ended.status, ended.cases != []) == (0, True)
        assert lab.left(engine) == ()
        assert lab.processes() == []


def test_ended_while_it_makes_machines(engine: DockerEngine) -> None:
    with LabProcess("run", "echo", "-v", "--engine", engine.url, **CONTAINER) as lab:
        Line(2).await_it(lab, engine)
        lab.signal(signal.SIGTERM)
        ended = lab.end()
        assert (ended.status, lab.left(engine)) == (ExitStatus.INTERRUPTED, ())
        assert "lab: interrupted after" in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("event", [1, 2, 3])
def test_ended_while_its_agent_is_made(
    engine: DockerEngine, event: int, number: signal.Signals
) -> None:
    with LabProcess("run", "echo", "--engine", engine.url, **CONTAINER) as lab:
        EngineEvent(event).await_it(lab, engine)
        lab.signal(number)
        ended = lab.end()
        assert (ended.status, lab.left(engine)) == (ExitStatus.INTERRUPTED, ())
        assert "lab: interrupted" in ended.err


def test_a_removed_agent_is_an_error_and_leaves_nothing(engine: DockerEngine) -> None:
    with LabProcess("run", "all", "-v", "--engine", engine.url, **CONTAINER) as lab:
        Line(4).await_it(lab, engine)
        agent = next(one for one in lab.left(engine) if one.name.endswith("-agent"))
        engine.remove(agent)
        ended = lab.end()
        assert (ended.status, lab.left(engine)) == (ExitStatus.ERROR, ())
        assert "agent" in ended.out
        assert "Traceback" not in ended.err
