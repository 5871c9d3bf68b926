"""Whatever breaks inside a run, everything it made is removed, and it says what broke."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from msgspec.structs import replace

from lab.agent.child import ChildAgent
from lab.catalog import Catalog
from lab.engine.docker_engine import DockerEngine
from lab.errors import EngineError
from lab.loader import load
from lab.model import Scenario
from lab.ports import Agent, Engine
from lab.result import Listener, Progress, ScenarioResult
from lab.runner import World
from lab.suite import Suite
from lab.verdict import Verdict
from tests.engines import world_on
from tests.selftest.faults import Fault, Faulty, doomed, with_deed
from tests.selftest.process import ROOT

pytestmark = pytest.mark.docker


class UnforeseenError(Exception):
    """Nothing the lab has ever heard of."""


def foreseen() -> EngineError:
    """What an engine or an agent says no with."""
    return EngineError("it was made to fail")


@dataclass(frozen=True)
class Trial:
    """A case under a name of its own, so that what is left of it can be told apart."""

    engine: DockerEngine
    world: World
    case: Scenario

    def run(
        self,
        case: Scenario | None = None,
        world: World | None = None,
        listen: Listener | None = None,
    ) -> ScenarioResult:
        """Run it by itself; nothing may be left, whether it ends or raises."""
        suite = Suite([case or self.case], world or self.world, listen or (lambda _: None))
        try:
            [result] = suite.run()
        finally:
            assert self.engine.find({"lab.scenario": self.case.name}) == ()
        return result

    def container(self, node: str) -> str:
        """The engine's name for a node of the run under way."""
        [found] = self.engine.find({"lab.scenario": self.case.name, "lab.node": node})
        return found.name


@pytest.fixture
def trial(engine: DockerEngine) -> Iterator[Trial]:
    """Two nodes on an IPv6-only network, and a world of the test's own to break."""
    [case] = load(ROOT / "scenarios" / "udp-ipv6-only.yaml", Catalog(ROOT / "services"))
    case = replace(case, name=f"trial-{secrets.token_hex(4)}")
    with world_on(engine) as world:
        yield Trial(engine, world, case)


ENGINE_FAULTS = [
    Fault("image", 1, foreseen()),
    Fault("create_network", 1, foreseen()),
    Fault("create_network", 1, UnforeseenError(), after=True),
    Fault("create_node", 1, UnforeseenError()),
    Fault("create_node", 2, foreseen(), after=True),
    Fault("attach", 2, foreseen()),
    Fault("start", 1, UnforeseenError(), after=True),
    Fault("start", 2, foreseen()),
]
AGENT_FAULTS = [
    Fault("routes", 1, foreseen()),
    Fault("adopt", 2, UnforeseenError()),
    Fault("name", 1, foreseen(), after=True),
    Fault("watch", 1, UnforeseenError()),
    Fault("look", 1, foreseen()),
]
REMOVAL_FAULTS = [
    Fault("remove_node", 1, foreseen()),
    Fault("remove_node", 2, UnforeseenError(), after=True),
    Fault("remove_network", 1, UnforeseenError()),
]


@pytest.mark.parametrize("fault", ENGINE_FAULTS, ids=str)
def test_an_engine_call_that_fails(trial: Trial, fault: Fault) -> None:
    engine = Faulty(trial.world.engine, fault)
    check_fault(trial, fault, replace(trial.world, engine=cast(Engine, engine)))
    assert engine.met


@pytest.mark.parametrize("fault", AGENT_FAULTS, ids=str)
def test_a_call_of_the_agent_that_fails(trial: Trial, fault: Fault) -> None:
    agent = Faulty(trial.world.agent, fault)
    check_fault(trial, fault, replace(trial.world, agent=cast(Agent, agent)))
    assert agent.met


def check_fault(trial: Trial, fault: Fault, world: World) -> None:
    """What the lab foresees is an ERROR that says so; what it does not is not swallowed."""
    if isinstance(fault.error, UnforeseenError):
        with pytest.raises(UnforeseenError):
            trial.run(world=world)
        return
    result = trial.run(world=world)
    assert (result.verdict, result.troubles) == (Verdict.ERROR, ())
    assert "it was made to fail" in result.reason


@pytest.mark.parametrize("fault", REMOVAL_FAULTS, ids=str)
def test_a_removal_that_fails_keeps_nothing_from_being_removed(trial: Trial, fault: Fault) -> None:
    engine = Faulty(trial.world.engine, fault)
    result = trial.run(world=replace(trial.world, engine=cast(Engine, engine)))
    assert engine.met
    assert result.verdict is Verdict.PASS


def test_an_expectation_that_raises(trial: Trial) -> None:
    with pytest.raises(UnforeseenError):
        trial.run(doomed(trial.case, UnforeseenError()))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_step_that_raises(trial: Trial, index: int) -> None:
    def do() -> None:
        raise UnforeseenError

    with pytest.raises(UnforeseenError):
        trial.run(with_deed(trial.case, index, do))


@pytest.mark.parametrize(
    "last", ["PhaseBegan making", "NodeChanged", "StepEnded", "CaseEnded", "PhaseBegan removing"]
)
def test_a_listener_that_raises(trial: Trial, last: str) -> None:
    told: list[str] = []

    def listen(event: Progress) -> None:
        told.append(f"{type(event).__name__} {getattr(event, 'phase', '')}".strip())
        if told[-1] == last:
            raise UnforeseenError

    with pytest.raises(UnforeseenError):
        trial.run(listen=listen)
    assert told[-1] == last


def test_a_listener_that_always_raises_is_told_once(trial: Trial) -> None:
    told: list[Progress] = []

    def listen(event: Progress) -> None:
        told.append(event)
        raise UnforeseenError

    with pytest.raises(UnforeseenError):
        trial.run(listen=listen)
    assert len(told) == 1


@pytest.mark.parametrize("index", [0, 1])
def test_a_node_that_is_removed_behind_the_labs_back(trial: Trial, index: int) -> None:
    case = with_deed(
        trial.case, index, lambda: trial.engine.remove_node(trial.container("listener"))
    )
    result = trial.run(case)
    assert (result.verdict, result.troubles) == (Verdict.ERROR, ())
    assert "listener" in result.reason
    assert "somebody removed it" in result.reason


def test_an_agent_that_dies(trial: Trial) -> None:
    result = trial.run(with_deed(trial.case, 1, lambda: kill_agent(trial)))
    assert (result.verdict, result.troubles) == (Verdict.ERROR, ())
    assert "agent" in result.reason


def test_a_dead_agent_is_said_for_every_case(trial: Trial) -> None:
    kill_agent(trial)
    for _ in range(2):
        result = trial.run()
        assert (result.verdict, result.troubles) == (Verdict.ERROR, ())
        assert "agent" in result.reason


def kill_agent(trial: Trial) -> None:
    """SIGKILL for the agent of a trial."""
    assert isinstance(trial.world.agent, ChildAgent)
    os.kill(trial.world.agent.pid, signal.SIGKILL)
