"""SIGKILL: whoever dies, whenever, nothing of the lab is left, without another command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lab.cleaning.grounds import Whose, whose
from lab.cleaning.removal import remove
from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from lab.owner import owned
from tests.selftest.moments import EngineEvent, Line, Moment, spread
from tests.selftest.process import LabProcess, run_lab
from tests.selftest.relay import Holding

pytestmark = pytest.mark.docker

SCENARIO = "udp-ipv6-only"
WORDS = {
    "one case": [SCENARIO],
    "a suite": ["udp-ipv6-only", "udp-echo", "-j", "2"],
}
OTHERS = 3
ROUNDS = 6  # of five labs, on each engine
REMOVED_WITHIN = 15  # seconds after the kill; what users are promised, so a bound of the test


def check_nothing_left(lab: LabProcess, engine: DockerEngine) -> None:
    """All that it began has ended by now."""
    assert lab.left(engine) == ()
    assert lab.processes() == []


@contextmanager
def others_making(engine: DockerEngine) -> Iterator[None]:
    """Inside this context: somebody makes and removes containers all the time."""
    image, over = engine.image(None).reference, threading.Event()

    def make() -> None:
        client = engine.clients.mine()
        while not over.is_set():
            made = client.create_container(image, labels=dict(owned()))
            client.remove_container(made["Id"])

    with ThreadPoolExecutor(OTHERS) as pool:
        makers = [pool.submit(make) for _ in range(OTHERS)]
        try:
            yield
        finally:
            over.set()
    for maker in makers:
        maker.result()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_labs_at_random_moments(engine: DockerEngine, number: int) -> None:
    """Five side by side, each at its own moment; in all 60 on two engines."""
    version = engine.abilities().version
    words = WORDS["one case"] if number % 3 else WORDS["a suite"]
    with ExitStack() as stack, ThreadPoolExecutor() as pool:

        def begun() -> LabProcess:
            return stack.enter_context(LabProcess("run", *words, "-v", "--engine", engine.url))

        def killed(lab: LabProcess, moment: Moment) -> None:
            moment.await_it(lab, engine)
            lab.kill(REMOVED_WITHIN)

        moments = spread(f"{version} {number}")
        labs = [begun() for _ in moments]
        told = [pool.submit(killed, *each) for each in zip(labs, moments, strict=True)]
        errors = {str(m): t.exception() for m, t in zip(moments, told, strict=True)}
        assert not any(errors.values()), errors
        for lab in labs:
            check_nothing_left(lab, engine)


def test_the_lab_and_its_agent_in_a_container(engine: DockerEngine) -> None:
    words = ["run", "udp", "-j", "2", "-v", "--engine", engine.url]
    with LabProcess(*words, LAB_AGENT="container") as lab:
        EngineEvent(9).await_it(lab, engine)
        lab.kill()
        check_nothing_left(lab, engine)


@pytest.mark.parametrize(("path", "others"), [("/containers/create", 1), ("/networks/create", 2)])
def test_the_lab_while_the_engine_makes_something(
    engine: DockerEngine, tmp_path: Path, path: str, others: int
) -> None:
    """While others make things: so the watchdog looks at moments when something is half made."""
    with (
        others_making(engine),
        Holding(tmp_path / "relay.sock", engine.url, path, until="/events") as relay,
        LabProcess("run", SCENARIO, "--engine", relay.url) as lab,
    ):
        relay.await_it()
        EngineEvent(others).await_it(lab, engine)  # whose making is over
        # The engine will hear of it only when the watchdog waits for it
        lab.kill()
        check_nothing_left(lab, engine)
        assert relay.passed_on


@pytest.mark.parametrize(("event", "stay"), [(2, 0), (8, 1)])
def test_a_lab_that_leaves_things_up(engine: DockerEngine, event: int, stay: int) -> None:
    """A case that is over stays up; one whose machines are being made when the lab dies does not.

    Of each case there are 6 events until it is over.
    """
    words = ["run", "echo-empty-line", "echo-session", "--keep", "-j", "1"]
    with LabProcess(*words, "-v", "--engine", engine.url) as lab:
        EngineEvent(event).await_it(lab, engine)
        lab.kill()
        left = lab.left(engine)
        try:
            assert len({thing.labels["lab.run"] for thing in left}) == stay
        finally:
            remove(engine, left)


def test_the_lab_and_its_watchdog(engine: DockerEngine) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(6).await_it(lab, engine)
        assert whose(lab.left(engine)) is Whose.RUNNING
        lab.kill_begun("lab-watchdog")
        lab.kill()
        left = lab.left(engine)
        assert {thing.what for thing in left} == {"container", "network"}
        assert whose(left) is Whose.LEFT  # what `lab clean`, or the next command, removes
        ended = run_lab("run", SCENARIO, "--engine", engine.url)
        assert (ended.status, lab.left(engine)) == (ExitStatus.PASSED, ())
        assert "that dead runs had left" in ended.err


@pytest.mark.parametrize("moment", [Line(3), EngineEvent(4), EngineEvent(7)], ids=str)
def test_the_agent(engine: DockerEngine, moment: Moment) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        moment.await_it(lab, engine)
        lab.kill_begun("lab/agent/program")
        ended = lab.end()
        check_nothing_left(lab, engine)
    assert "Traceback" not in ended.err
    if ended.status != ExitStatus.PASSED:  # its work had been done
        assert (ended.status, "agent" in ended.out) == (ExitStatus.ERROR, True)


@pytest.mark.parametrize("node", ["listener", "talker"])
def test_a_node(engine: DockerEngine, node: str) -> None:
    with LabProcess("run", SCENARIO, "-v", "--engine", engine.url) as lab:
        EngineEvent(6).await_it(lab, engine)
        [found] = [thing for thing in lab.left(engine) if thing.labels.get("lab.node") == node]
        engine.clients.mine().kill(found.id)
        ended = lab.end()
        check_nothing_left(lab, engine)
    assert "Traceback" not in ended.err
    assert ended.status == ExitStatus.ERROR
    assert "SIGKILL" in ended.out
