"""One case from plan to verdict, on a fake engine: what it comes to, what is told, what is left."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab.errors import EngineError
from lab.events import ProcessRecord, State
from lab.executor.loop import CancelledRun, Loop
from lab.model import Scenario
from lab.ports import Abilities, Crossing, NetworkSpec, SubnetTakenError
from lab.result import (
    CaseEnded,
    Keep,
    OutputSeen,
    PhaseBegan,
    Progress,
    ScenarioResult,
    StepBegan,
    StepEnded,
)
from lab.runner import MonotonicClock, stand_up
from lab.verdict import Verdict
from tests.fakes import FakeAgent, FakeEngine
from tests.fakes.engine import MODERN
from tests.unit.cases import ECHO, alone, bench, case, nobody

OLD = Abilities("20.10.24", (1, 41), ipv6_only=False)

# What a run of ECHO asks of the engine, and how often.
MAKING = {
    "image": 1,
    "create_network": 1,
    "create_share": 1,
    "create_node": 2,
    "attach": 2,
    "start": 2,
}
REMOVING = {"remove_node": 2, "remove_network": 1, "remove_share": 1}
EVENTS = 21  # told of a run of ECHO


def nth(calls: dict[str, int]) -> list[tuple[str, int]]:
    return [(method, number) for method, count in calls.items() for number in range(1, count + 1)]


# -- what it comes to ------------------------------------------------------------------------


def test_all_seen_is_a_pass() -> None:
    with bench() as lab:
        result = lab.run(case(ECHO))
        assert (result.verdict, result.reason) == (Verdict.PASS, "")
        assert [step.verdict for step in result.steps] == [Verdict.PASS] * 5
        assert {node.node: node.program.state for node in result.nodes} == {
            "server": State.RUNNING,
            "client": State.ENDED,
        }
        assert all(node.addresses for node in result.nodes)
        assert lab.engine.left == ()
        assert result.troubles == ()


def test_something_else_seen_at_the_end_is_a_fail_that_names_the_line() -> None:
    with bench() as lab:
        result = lab.run(alone("echo, hi", 'expect: {a: {stdout: "ho\\n"}}\n'))
        assert result.verdict is Verdict.FAIL
        (judgement,) = [j for j in result.judgements if j.verdict is Verdict.FAIL]
        assert judgement.span is not None
        assert judgement.span.line == 4
        assert lab.engine.left == ()


def test_a_step_that_fails_ends_the_run_with_its_judgement() -> None:
    text = ECHO.replace("stdout: hello}", "stdout: goodbye}\n    within: 50ms")
    with bench() as lab:
        result = lab.run(case(text))
        assert result.verdict is Verdict.FAIL
        *passed, failed, unreached = result.steps
        assert [step.verdict for step in passed] == [Verdict.PASS] * 3
        assert failed.verdict is Verdict.FAIL
        assert failed.judgement is not None
        assert result.judgements == (failed.judgement,)
        assert (unreached.verdict, unreached.judgement) == (None, None)
        assert lab.engine.left == ()


NAMED = """
intent: what is sent must come back
networks: {lan: {family: ipv6}}
nodes: {a: {networks: [lan]}}
steps:
  - run: {on: a, command: [cat], as: copy}
  - send: {to: copy, line: hello}
  - wait: {for: copy, stdout: hello}
  - close-stdin: copy
"""


def test_a_named_program_is_known_to_later_steps_and_at_the_end() -> None:
    with bench() as lab:
        result = lab.run(case(NAMED + 'expect: {copy: {stdout: "hello\\n"}}\n'))
        assert (result.verdict, result.reason) == (Verdict.PASS, "")
        [node] = result.nodes
        assert node.program == ProcessRecord()
        assert [(key, program.stdout) for key, program in node.visitors] == [("copy", b"hello\n")]


def test_what_a_named_program_wrote_at_last_is_judged() -> None:
    with bench() as lab:
        result = lab.run(case(NAMED + 'expect: {copy: {stdout: "HELLO\\n"}}\n'))
        assert result.verdict is Verdict.FAIL
        assert result.reason.startswith("copy: line 1 of stdout is hello, not HELLO; it ")


@pytest.mark.parametrize(
    ("command", "steps", "reason"),
    [
        ("false", "", "x: it exited 1; it must exit 0"),
        ("sleep", "timeout: 1s\n", "x: it is still running; it must exit 0"),
        ("sleep", "  - stop: x\n", ""),
        ("sleep", "expect: {x: {exit: running}}\n", ""),
    ],
)
def test_a_named_program_owes_what_one_that_ends_does(
    command: str, steps: str, reason: str
) -> None:
    head, _, _ = NAMED.partition("  - run")
    text = f"{head}  - run: {{on: a, command: [{command}], as: x}}\n{steps}"
    with bench() as lab:
        result = lab.run(case(text))
        assert result.reason == reason


def test_a_program_that_cannot_be_run_is_an_error() -> None:
    with bench() as lab:
        result = lab.run(alone("nosuch"))
        assert result.verdict is Verdict.ERROR
        assert result.reason == "a: cannot run nosuch: No such file or directory"


def test_a_command_too_long_for_a_frame_is_an_error_of_its_step() -> None:
    with bench() as lab:
        result = lab.run(alone(f"echo, {'x' * 70_000}"))
        assert result.verdict is Verdict.ERROR
        assert result.steps[0].verdict is Verdict.ERROR
        assert lab.engine.left == ()


# -- the engine fails ------------------------------------------------------------------------


def test_the_calls_that_are_made_to_fail_below_are_all_there_are() -> None:
    with bench() as lab:
        lab.run(case(ECHO))
        found = [method for method, _ in lab.engine.calls]
        assert {method: found.count(method) for method in found} == {**MAKING, **REMOVING}
        assert len(lab.told) == EVENTS


@pytest.mark.parametrize("call", nth(MAKING), ids=lambda call: f"{call[0]}-{call[1]}")
def test_an_engine_that_fails_while_making_is_an_error_and_leaves_nothing(
    call: tuple[str, int],
) -> None:
    with bench(failures={call: EngineError("no space left", help="make room")}) as lab:
        result = lab.run(case(ECHO))
        assert (result.verdict, result.reason) == (Verdict.ERROR, "no space left")
        assert result.help == "make room"
        assert result.troubles == ()
        assert [step.verdict for step in result.steps] == [None] * 5
        assert lab.engine.left == ()


def test_an_engine_that_answers_no_more_is_not_asked_to_remove_anything() -> None:
    with bench(failures={("start", 1): EngineError("it hangs")}) as lab:
        lab.engine.silent = True
        result = lab.run(case(ECHO))
        assert (result.verdict, result.reason) == (Verdict.ERROR, "it hangs")
        assert ["does not answer" in trouble for trouble in result.troubles] == [True]
        assert not {method for method, _ in lab.engine.calls} & {"remove_node", "remove_network"}


@pytest.mark.parametrize("call", nth(MAKING), ids=lambda call: f"{call[0]}-{call[1]}")
def test_an_error_nobody_expected_leaves_nothing_either(call: tuple[str, int]) -> None:
    with bench(failures={call: ZeroDivisionError("a defect")}) as lab:
        with pytest.raises(ZeroDivisionError):
            lab.run(case(ECHO))
        assert lab.engine.left == ()
        assert lab.words[-1] == "CaseRemoved"


@pytest.mark.parametrize("failure", [EngineError("busy"), OSError("a defect")], ids=["told", "not"])
@pytest.mark.parametrize("call", nth(REMOVING), ids=lambda call: f"{call[0]}-{call[1]}")
def test_what_could_not_be_removed_at_first_is_removed_after_all(
    call: tuple[str, int], failure: Exception
) -> None:
    with bench(failures={call: failure}) as lab:
        result = lab.run(case(ECHO))
        assert (result.verdict, result.troubles) == (Verdict.PASS, ())
        assert lab.engine.left == ()


def test_what_cannot_be_removed_is_told_and_all_else_is_removed() -> None:
    failures = {("remove_network", number): EngineError("busy") for number in range(1, 10)}
    with bench(failures=failures) as lab:
        result = lab.run(case(ECHO))
        assert result.verdict is Verdict.PASS
        assert result.troubles == ("lan could not be removed: busy",)
        assert [name.rpartition("-")[2] for name in lab.engine.left] == ["lan"]


class Streams(FakeEngine):
    """Notes which nodes' streams the lab had closed by the time it removed them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.streams: dict[str, socket.socket] = {}
        self.closed_first: list[str] = []

    def attach(self, node: str) -> socket.socket:
        self.streams[node] = super().attach(node)
        return self.streams[node]

    def remove_node(self, node: str) -> None:
        if self.streams[node].fileno() < 0:
            self.closed_first.append(node)
        super().remove_node(node)


def test_no_node_ends_before_its_turn_to_be_removed() -> None:
    """Engines before 25 lose count of what is on a network where many end at the same time."""
    with bench(engine=Streams) as lab:
        assert lab.run(case(ECHO)).verdict is Verdict.PASS
        assert isinstance(lab.engine, Streams)
        assert lab.engine.streams
        assert lab.engine.closed_first == []
        assert {stream.fileno() for stream in lab.engine.streams.values()} == {-1}


def test_nothing_is_done_where_the_engine_cannot_say_what_it_is() -> None:
    class Silent(FakeEngine):
        def abilities(self) -> Abilities:
            raise EngineError("no engine answers")

    with bench(engine=Silent) as lab:
        result = lab.run(case(ECHO))
        assert (result.verdict, result.reason) == (Verdict.ERROR, "no engine answers")
        assert lab.engine.calls == []


# -- a node goes away ------------------------------------------------------------------------


@pytest.mark.parametrize("step", range(5))
@pytest.mark.parametrize("node", ["server", "client"])
def test_a_lost_node_is_an_error_with_the_engines_reason(node: str, step: int) -> None:
    with bench() as lab:

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, StepEnded) and event.index == step:
                (name,) = [name for name in lab.engine.nodes if name.endswith(node)]
                lab.engine.kill(name, "the kernel ended it: out of memory")

        result = lab.run(case(ECHO), listen)
        assert result.verdict is Verdict.ERROR
        assert result.reason == f"{node}: the node is gone: the kernel ended it: out of memory"
        assert lab.engine.left == ()


def test_a_lost_node_counts_before_what_it_led_to() -> None:
    text = ECHO.replace("stdout: hello}", "stdout: goodbye}\n    within: 50ms")
    with bench() as lab:

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, StepBegan) and event.index == 3:
                lab.engine.kill(next(iter(lab.engine.nodes)))

        result = lab.run(case(text), listen)
        assert result.verdict is Verdict.ERROR
        assert result.steps[3].verdict is Verdict.ERROR


def test_a_lost_node_of_an_engine_that_cannot_say_why_is_an_error_all_the_same() -> None:
    with bench(failures={("death", 1): EngineError("no engine answers")}) as lab:

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, OutputSeen):
                lab.engine.kill(next(iter(lab.engine.nodes)))

        result = lab.run(case(ECHO), listen)
        assert result.verdict is Verdict.ERROR
        assert "no engine answers" in result.reason


def test_a_node_that_dies_while_it_is_made_is_an_error_with_the_engines_reason() -> None:
    with bench(engine=StillBorn) as lab:
        result = lab.run(case(ECHO))
        assert result.verdict is Verdict.ERROR
        assert result.reason.endswith(": the node is gone: no such file: /lab/holder")
        assert lab.engine.left == ()


class StillBorn(FakeEngine):
    """An engine whose nodes end at once."""

    def start(self, node: str) -> Any:
        started = super().start(node)
        self.kill(node, "no such file: /lab/holder")
        return started


# -- the agent fails -------------------------------------------------------------------------


class Dying:
    """An agent that answers so many questions and then is dead."""

    def __init__(self, agent: object, answers: int) -> None:
        self._agent = agent
        self._answers = answers
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def __getattr__(self, question: str) -> Callable[..., object]:
        answer = getattr(self._agent, question)

        def ask(*details: object, **more: object) -> object:
            with self._lock:
                self.asked.append(question)
                dead = len(self.asked) > self._answers
            if dead:
                raise EngineError("the agent is dead")
            result: object = answer(*details, **more)
            return result

        return ask


def test_an_agent_that_dies_at_any_question_is_an_error_and_leaves_nothing() -> None:
    for answers in itertools.count():
        with bench() as lab:
            lab.agent = Dying(lab.agent, answers)  # type: ignore[assignment]
            result = lab.run(case(ECHO))
            assert lab.engine.left == ()
            assert result.troubles == ()
            if result.verdict is Verdict.PASS:
                break
            assert result.verdict is Verdict.ERROR
            assert result.reason.endswith("the agent is dead")
    assert answers >= 9  # routes, adopt and name of each, watch, look, unwatch, idle


# -- time ------------------------------------------------------------------------------------


class Jumping(MonotonicClock):
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


def test_a_program_that_must_end_and_does_not_fails_at_the_timeout() -> None:
    with bench() as lab:
        result = lab.run(alone("sleep", "timeout: 1s\n"))
        assert (result.verdict, result.reason) == (
            Verdict.FAIL,
            "a: it is still running; it must exit 0",
        )
        assert lab.engine.left == ()


def test_a_wait_ends_at_its_own_limit_or_the_scenarios() -> None:
    steps = "steps: [{start: a}, {wait: {for: a, stdout: x}, within: %s}]\n"
    with bench() as lab:
        own = lab.run(alone("cat", steps % "20ms"))
        assert own.reason.endswith("(waited 0.02 s)")
        whole = lab.run(alone("cat", "timeout: 1s\n" + steps % "990ms"))
        assert whole.verdict is Verdict.FAIL


def test_no_step_is_begun_once_the_timeout_is_over() -> None:
    with bench() as lab:
        lab.clock = clock = Jumping()

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, StepEnded):
                clock.ahead += 1000

        result = lab.run(case(ECHO), listen)
        assert result.verdict is Verdict.FAIL
        assert [step.verdict for step in result.steps] == [Verdict.PASS, Verdict.FAIL, *[None] * 3]
        assert result.reason == "the scenario's timeout of 30 s was over before this step"


def test_a_flood_of_output_does_not_outlast_the_timeout() -> None:
    with bench() as lab:
        rest = "timeout: 200ms\nsteps: [{start: a}, {wait: {for: a, exit: 0}, within: 100ms}]\n"
        result = lab.run(alone("flood", rest))
        assert result.verdict is not Verdict.PASS
        assert lab.engine.left == ()


# -- the engine's host -------------------------------------------------------------------------


@pytest.mark.parametrize("abilities", [OLD, MODERN])
def test_no_program_begins_where_the_engines_host_is_on_its_network(abilities: Abilities) -> None:
    """It is on the one of those that leads out."""
    on: list[set[str]] = []
    with bench(abilities=abilities) as lab:

        def look(event: Progress, _loop: Loop) -> None:
            if isinstance(event, StepBegan):
                on.append({name.rpartition("-")[2] for name in lab.engine.joined})

        told = ECHO.replace("lan: {family: ipv6}", "lan: {family: ipv6}\n  out: {internal: false}")
        told = told.replace("[lan], shares", "[lan, out], shares")
        assert lab.run(case(told), look).verdict is Verdict.PASS
    assert on == [{"out"}] * 5


def test_a_bridge_that_the_agent_does_not_find_is_an_error_and_leaves_nothing() -> None:
    class Elsewhere(FakeEngine):
        def create_network(self, spec: NetworkSpec) -> str:
            return f"{super().create_network(spec)}-elsewhere"

    with bench(engine=Elsewhere, abilities=OLD) as lab:
        result = lab.run(case(ECHO))
        assert result.verdict is Verdict.ERROR
        assert "cannot find the bridge" in result.reason
        assert lab.engine.left == ()


# -- subnets ---------------------------------------------------------------------------------


def test_where_a_subnet_is_taken_another_is_tried() -> None:
    class Refusing(FakeEngine):
        refused: tuple[str, ...] = ()
        given: tuple[str, ...] = ()

        def create_network(self, spec: NetworkSpec) -> str:
            if not self.refused:
                self.refused = spec.subnets
                raise SubnetTakenError(f"{spec.subnets} overlaps another")
            self.given = spec.subnets
            return super().create_network(spec)

    with bench(engine=Refusing) as lab:
        assert lab.run(case(ECHO)).verdict is Verdict.PASS
        assert isinstance(lab.engine, Refusing)
        assert set(lab.engine.given).isdisjoint(lab.engine.refused)
        assert lab.engine.left == ()


def test_where_every_subnet_is_taken_it_is_an_error_that_says_what_to_do() -> None:
    failures = {("create_network", number): SubnetTakenError("taken") for number in range(1, 99)}
    with bench(failures=failures) as lab:
        result = lab.run(case(ECHO))
        assert result.verdict is Verdict.ERROR
        assert result.reason == "no free subnet found in 16 tries"
        assert "LAB_SUBNETS" in result.help
        assert lab.engine.left == ()


TWO_NETWORKS = """
intent: it must
networks:
  fixed: {family: ipv4, subnets: [192.0.2.0/24]}
  free: {family: ipv4}
nodes:
  a: {image: any, args: [echo, hi], networks: [fixed, free]}
"""


def test_a_refused_subnet_blocks_no_other_network_of_the_case() -> None:
    with bench(failures={("create_network", 2): SubnetTakenError("taken")}, threads=1) as lab:
        assert lab.run(case(TWO_NETWORKS)).verdict is Verdict.PASS


def test_a_refused_subnet_that_was_asked_for_is_an_error_at_its_line() -> None:
    with bench(failures={("create_network", 1): SubnetTakenError("taken")}, threads=1) as lab:
        result = lab.run(case(TWO_NETWORKS))
        assert result.verdict is Verdict.ERROR
        assert result.reason.startswith("x.yaml:4:3: 192.0.2.0/24 of network fixed is in use")
        assert lab.engine.left == ()


def test_what_remains_of_a_refused_attempt_is_told() -> None:
    failures = {
        ("create_network", 2): SubnetTakenError("taken"),
        **{("remove_network", number): EngineError("busy") for number in (1, 2, 3, 4)},
    }
    with bench(failures=failures, threads=1) as lab:
        result = lab.run(case(TWO_NETWORKS))
        assert any("busy" in trouble for trouble in result.troubles)


# -- cancelling ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(EVENTS))
def test_cancelled_at_any_event_everything_is_removed(number: int) -> None:
    with bench() as lab:

        def listen(_: Progress, loop: Loop) -> None:
            if len(lab.told) == number + 1:
                loop.cancel()

        try:
            lab.run(case(ECHO), listen)
        except CancelledRun:
            assert "CaseEnded" not in lab.words
        else:
            assert "CaseEnded" in lab.words
        assert len(lab.told) > number
        assert lab.engine.left == ()
        assert lab.words[-1] == "CaseRemoved"


@pytest.mark.parametrize("number", range(sum(MAKING.values())))
def test_cancelled_at_any_call_while_making_everything_is_removed(number: int) -> None:
    class Cancelling(FakeEngine):
        loop: Loop

        @contextmanager
        def _call(self, method: str, name: str) -> Iterator[None]:
            with super()._call(method, name):
                if len(self.calls) == number + 1:
                    self.loop.cancel()
                yield

    with bench(engine=Cancelling) as lab:

        def listen(_: Progress, loop: Loop) -> None:
            assert isinstance(lab.engine, Cancelling)
            lab.engine.loop = loop

        with pytest.raises(CancelledRun):
            lab.run(case(ECHO), listen)
        assert lab.engine.left == ()


# -- keeping ---------------------------------------------------------------------------------


def test_keep_leaves_the_machines_up_and_says_so_on_them() -> None:
    with bench() as lab:
        assert lab.run(case(ECHO), keep=True).verdict is Verdict.PASS
        assert len(lab.engine.left) == 4
        assert all(node.status == "running" for node in lab.engine.nodes.values())
        assert all(node.spec.labels["lab.lasting"] for node in lab.engine.nodes.values())


def test_keep_leaves_nothing_that_cannot_be_used() -> None:
    with bench(failures={("start", 2): EngineError("no")}) as lab:
        assert lab.run(case(ECHO), keep=True).verdict is Verdict.ERROR
        assert lab.engine.left == ()


def test_keep_leaves_nothing_where_the_run_was_stopped() -> None:
    with bench() as lab:

        def listen(event: Progress, loop: Loop) -> None:
            if isinstance(event, StepEnded):
                loop.cancel()

        with pytest.raises(CancelledRun):
            lab.run(case(ECHO), listen, keep=True)
        assert lab.engine.left == ()


def stand(lab: Any, scenario: Scenario, *, cancelled: bool = False) -> None:
    with Loop(lab.clock) as loop:
        if cancelled:
            loop.cancel()
        stand_up(scenario, lab.world, loop, nobody)


def test_what_is_stood_up_is_held_and_stays() -> None:
    with bench() as lab:
        stand(lab, case(ECHO))
        assert len(lab.engine.left) == 4
        holders = [node.holder for node in lab.engine.nodes.values()]
        assert all(holder is not None and not holder.processes for holder in holders)


@pytest.mark.parametrize("call", nth(MAKING), ids=lambda call: f"{call[0]}-{call[1]}")
def test_what_cannot_be_stood_up_whole_is_removed(call: tuple[str, int]) -> None:
    with bench(failures={call: EngineError("no space left")}) as lab:
        with pytest.raises(EngineError, match="no space left"):
            stand(lab, case(ECHO))
        assert lab.engine.left == ()


def test_standing_up_can_be_stopped() -> None:
    with bench() as lab:
        with pytest.raises(CancelledRun):
            stand(lab, case(ECHO), cancelled=True)
        assert lab.engine.left == ()


# -- what is told ----------------------------------------------------------------------------


def test_events_are_told_in_order() -> None:
    with bench() as lab:
        result = lab.run(case(ECHO))
        phases = [event.phase for event in lab.told if isinstance(event, PhaseBegan)]
        assert phases == ["making", "running", "collecting", "removing"]
        steps = [e.index for e in lab.told if isinstance(e, StepBegan | StepEnded)]
        assert steps == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
        assert (lab.words[0], lab.words[-1]) == ("CaseBegan", "CaseRemoved")
        (ended,) = [event for event in lab.told if isinstance(event, CaseEnded)]
        assert ended.result == result
        assert [e.line for e in lab.told if isinstance(e, OutputSeen)] == [b"hello"]


def test_the_verdict_is_told_before_anything_is_removed() -> None:
    with bench() as lab:
        left: list[int] = []

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, CaseEnded):
                left.append(len(lab.engine.left))

        lab.run(case(ECHO), listen)
        assert left == [4]


# -- what is made ----------------------------------------------------------------------------


def test_an_old_engine_s_ipv4_is_taken_from_nodes_that_may_have_none() -> None:
    with bench(abilities=OLD) as lab:
        assert lab.run(case(ECHO)).verdict is Verdict.PASS
        flushed = lab.flushed
        assert len(flushed) == 2
        assert all("." in subnet for subnets in flushed.values() for subnet in subnets)


def test_everything_is_labelled_before_it_exists() -> None:
    with bench() as lab:
        found: list[dict[str, str]] = []

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, CaseEnded):
                found.extend(dict(n.spec.labels) for n in lab.engine.nodes.values())
                found.extend(dict(n.labels) for n in lab.engine.networks.values())
                found.extend(dict(s.labels) for s in lab.engine.shares.values())

        lab.run(case(ECHO), listen)
        wanted = {"lab.run", "lab.scenario", "lab.owner", "lab.process", "lab.expires"}
        assert len(found) == 4
        assert all(wanted <= labels.keys() for labels in found)
        assert len({labels["lab.run"] for labels in found}) == 1
        assert {labels.get("lab.node") for labels in found} == {"server", "client", None}


# -- what is required --------------------------------------------------------------------------


@pytest.mark.parametrize(("able", "verdict"), [({"netem"}, Verdict.PASS), (set(), Verdict.SKIP)])
def test_the_agent_is_asked_what_the_kernel_can_do(able: set[str], verdict: Verdict) -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.able = frozenset(able)
        result = lab.run(alone("echo, hi", "requires: [netem, engine>=20]\n"))
        assert result.verdict is verdict
        assert lab.agent.calls[0] == ("features", "netem")


def test_the_agent_is_not_asked_for_what_nobody_requires() -> None:
    with bench() as lab:
        lab.run(alone("echo, hi", "requires: [engine>=20]\n"))
        assert isinstance(lab.agent, FakeAgent)
        assert "features" not in {word for word, _ in lab.agent.calls}


# -- what crosses links ------------------------------------------------------------------------

IPV4_FRAME = bytes(12) + b"\x08\x00" + bytes(40)


def ipv6_only(gap: str = "", frame: bytes = b"") -> ScenarioResult:
    """A node alone on an IPv6-only network that sent this frame."""
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.gap = gap
        lab.agent.crossed = {"a": [frame]} if frame else {}
        result = lab.run(alone("echo, hi"))
        assert [what for what, _ in lab.agent.captured.values()] == [Crossing.STRAYS]
        assert result.capture is None
        return result


def test_an_ipv6_only_network_is_proven_to_be_one() -> None:
    result = ipv6_only()
    assert result.verdict is Verdict.PASS
    assert "no IPv4 packet was sent" in " ".join(j.reason for j in result.judgements)


def test_who_sends_ipv4_on_it_fails() -> None:
    result = ipv6_only(frame=IPV4_FRAME)
    assert result.verdict is Verdict.FAIL
    assert result.reason.startswith("lan: a sent IPv4")


def test_without_a_whole_capture_nothing_is_proven() -> None:
    result = ipv6_only(gap="the kernel dropped 1 packets before they were read")
    assert result.verdict is Verdict.ERROR


def test_elsewhere_nothing_is_captured_unless_it_is_asked_for() -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        assert lab.run(alone("echo, hi", family="dual")).capture is None
        assert lab.agent.captured == {}


@pytest.mark.parametrize(
    ("keep", "argv", "kept"),
    [
        (Keep.ON, "echo, hi", True),
        (Keep.FAILED, "echo, hi", False),
        (Keep.FAILED, "false", True),
        (Keep.OFF, "false", False),
        (Keep.ASKED, "false", False),
    ],
)
def test_packets_are_kept_of_the_cases_they_are_wanted_of(
    keep: Keep, argv: str, *, kept: bool
) -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.crossed = {"a": [IPV4_FRAME]}
        lab.packets = keep
        result = lab.run(alone(argv, family="dual"))
        captures = keep in (Keep.ON, Keep.FAILED)
        assert [what for what, _ in lab.agent.captured.values()] == [Crossing.LINKS] * captures
        assert (result.capture is not None) is kept
        if result.capture:
            assert [packet.node for packet in result.capture.packets] == ["a"]


ARP_FRAME = bytes(12) + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01" + bytes(20)
ASKED = "expect: {a: {packets: {protocol: arp, count: 1}}}\n"
WAITED = "steps:\n  - start: a\n  - wait: {for: a, packets: {protocol: arp}}\n"


@pytest.mark.parametrize("rest", [ASKED, WAITED, WAITED + ASKED])
def test_packets_that_are_asked_for_are_captured_judged_and_kept(rest: str) -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.crossed = {"a": [ARP_FRAME]}
        result = lab.run(alone("echo, hi", rest, family="dual"))
        assert [what for what, _ in lab.agent.captured.values()] == [Crossing.LINKS]
        assert result.verdict is Verdict.PASS, result.reason
        assert result.capture is not None
        assert [packet.data for packet in result.capture.packets] == [ARP_FRAME]


def test_packets_that_did_not_cross_are_missed_at_their_line() -> None:
    with bench() as lab:
        result = lab.run(alone("echo, hi", ASKED, family="dual"))
        assert result.verdict is Verdict.FAIL
        assert result.reason == "a: no packet on its links is arp; there must be 1"
