"""A lab that is ended at any moment of its life says so and leaves nothing behind."""

from __future__ import annotations

import signal
from itertools import cycle

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.selftest.moments import EngineEvent, Moment, drawn
from tests.selftest.process import Ended, LabProcess

pytestmark = pytest.mark.docker

SCENARIO = "udp-ipv6-only"
SEED = 20
SIGNALS = (signal.SIGINT, signal.SIGTERM)


MOMENTS = list(zip(drawn(SEED), cycle(SIGNALS), strict=False))


def check(lab: LabProcess, engine: DockerEngine) -> Ended:
    """It has ended, nothing of it is left, and nobody was shown a traceback."""
    ended = lab.end()
    assert lab.left(engine) == ()
    assert lab.processes() == []
    assert "Traceback" not in ended.err
    return ended


def check_stopped(ended: Ended) -> None:
    """It was interrupted and says so, or had come to its end before it could be."""
    if ended.status != ExitStatus.PASSED:
        assert (ended.status, "lab: interrupted" in ended.err) == (ExitStatus.INTERRUPTED, True)
    else:
        assert " passed in " in ended.out


@pytest.mark.parametrize(
    ("moment", "number"), MOMENTS, ids=lambda value: getattr(value, "name", str(value))
)
def test_ended_at_some_moment(engine: DockerEngine, moment: Moment, number: signal.Signals) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        lab.line()  # from here on it is the lab that handles signals, not the interpreter
        moment.await_it(lab, engine)
        lab.signal(number)
        check_stopped(check(lab, engine))


def test_ended_before_it_has_begun(engine: DockerEngine) -> None:
    with LabProcess("run", SCENARIO, "--engine", engine.url) as lab:
        lab.signal(signal.SIGINT)
        check(lab, engine)


@pytest.mark.parametrize("event", [2, 6, 9])
def test_ctrl_c_twice_and_then_sigterm(engine: DockerEngine, event: int) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(event).await_it(lab, engine)
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            lab.signal(number)
        ended = check(lab, engine)
    assert ended.status == ExitStatus.INTERRUPTED


@pytest.mark.parametrize(("event", "number"), [(5, signal.SIGINT), (25, signal.SIGTERM)])
def test_several_at_once(engine: DockerEngine, event: int, number: signal.Signals) -> None:
    with LabProcess("run", "udp", "-j", "3", "-v", "--engine", engine.url) as lab:
        EngineEvent(event).await_it(lab, engine)
        lab.signal(number)
        ended = check(lab, engine)
    assert ended.status == ExitStatus.INTERRUPTED
    assert "lab: interrupted after" in ended.err


def test_machines_that_were_to_stay_go_when_making_them_is_stopped(engine: DockerEngine) -> None:
    with LabProcess("up", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(2).await_it(lab, engine)
        lab.signal(signal.SIGINT)
        ended = check(lab, engine)
    assert (ended.status, "lab: interrupted" in ended.err) == (ExitStatus.INTERRUPTED, True)
