"""A lab that is ended at any moment of its life says so and leaves nothing behind."""

from __future__ import annotations

import random
import signal
from itertools import cycle

import pytest

from lab.cleaning.grounds import Whose, whose
from lab.cleaning.removal import remove
from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.selftest.moments import EngineEvent, Line, Moment, Time
from tests.selftest.process import Ended, LabProcess

pytestmark = pytest.mark.docker

SCENARIO = "udp-ipv6-only"  # its run is 16 lines with -v, and 10 engine events of two containers
SEED = 20
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def moments() -> list[Moment]:
    """Drawn from the whole life: creation and removal, steps and judgement, start and end."""
    draw = random.Random(SEED)
    events = [EngineEvent(draw.randint(low, low + 2)) for low in (1, 3, 5, 8)]
    lines = [Line(draw.randint(low, low + 2)) for low in (0, 3, 6, 9, 12)]
    return [*events, *lines, Time(draw.uniform(0.0, 0.4))]


MOMENTS = list(zip(moments(), cycle(SIGNALS), strict=False))


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


def test_what_a_killed_lab_leaves_is_seen_to_be_left(engine: DockerEngine) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(6).await_it(lab, engine)
        assert whose(lab.left(engine)) is Whose.RUNNING
        lab.signal(signal.SIGKILL)
        lab.end()
        left = lab.left(engine)
        assert {thing.what for thing in left} == {"container", "network"}
        assert whose(left) is Whose.LEFT  # what `lab clean` removes
        assert remove(engine, left) == len(left)
        assert lab.left(engine) == ()


def test_machines_that_were_to_stay_go_when_making_them_is_stopped(engine: DockerEngine) -> None:
    with LabProcess("up", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(2).await_it(lab, engine)
        lab.signal(signal.SIGINT)
        ended = check(lab, engine)
    assert (ended.status, "lab: interrupted" in ended.err) == (ExitStatus.INTERRUPTED, True)
