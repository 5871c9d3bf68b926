"""Traces in a run on a fake engine: who is traced, when, and what an incomplete trace comes to."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import pytest

from lab.agent import choice
from lab.agent.failures import NoTracerError
from lab.errors import EngineError, UsageError
from lab.events import Call
from lab.loader.tracing import all_traced
from lab.model import Scenario
from lab.ports import Image, Traced
from lab.result import NodeResult, ScenarioResult
from lab.verdict import Verdict
from tests.fakes import FakeAgent
from tests.unit.cases import ECHO, bench, case

TRACE = (
    '7 1.0 execve("/cat", ["cat"], 0x1) = 0 <0.1>\n'
    "7 2.0 socket(AF_INET6, SOCK_STREAM, 0) = 3<socket:[1]> <0.1>\n"
    "7 2.5 close(3<socket:[1]>) = 0 <0.1>\n"
    "7 3.0 +++ exited with 0 +++\n"
)
CALLED = Call(2.0, 7, "socket", ("AF_INET6", "SOCK_STREAM", "0"), 3, "", 0.1, 1)
TRACED = ECHO.replace(
    '{stdout: "hello\\n"}', '{stdout: "hello\\n", calls: {order: [socket, close], closed: all}}'
)
ON_A_VISITOR = ECHO.replace(
    "expect:\n",
    "  - run: {on: server, command: [cat], as: guest}\n  - close-stdin: guest\n"
    "expect:\n  guest: {calls: {must: [socket]}}\n",
)
WAITED_FOR = ECHO.replace(
    "  - close-stdin: client",
    "  - wait: {for: client, calls: {must: [close]}}\n  - close-stdin: client",
)


def traced(text: str, trace: str = TRACE, lost: str = "") -> tuple[ScenarioResult, FakeAgent]:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.text, lab.agent.lost = trace, lost
        result = lab.run(case(text))
        assert lab.engine.left == ()
        return result, lab.agent


def node(result: ScenarioResult, name: str) -> NodeResult:
    return next(each for each in result.nodes if each.node == name)


def nodes_traced(found: Scenario) -> list[str]:
    return [node.name for node in found.topology.nodes if node.traced]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (ECHO, []),
        (TRACED, ["client"]),
        (ON_A_VISITOR, ["server"]),
        (WAITED_FOR, ["client"]),
        (
            ECHO.replace("expect:\n", "expect:\n  server: {calls: {must: [socket]}}\n", 1),
            ["server"],
        ),
    ],
)
def test_only_nodes_whose_calls_are_asked_for_are_traced(text: str, names: Sequence[str]) -> None:
    assert nodes_traced(case(text)) == list(names)


def test_every_node_may_be_traced_unasked() -> None:
    assert nodes_traced(all_traced(case(ECHO))) == ["server", "client"]


def test_calls_are_judged_and_are_in_the_result() -> None:
    result, agent = traced(TRACED)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
    assert (node(result, "client").calls or ())[:1] == (CALLED,)
    assert node(result, "server").calls is None
    words = [word for word, _ in agent.calls]
    assert words.count("trace") == 1  # before the program runs: FakeAgent sees to that
    assert words.index("tracer") < words.index("trace")


def test_who_is_not_asked_for_is_not_traced() -> None:
    _, agent = traced(ECHO)
    assert {"tracer", "trace", "traced"}.isdisjoint({word for word, _ in agent.calls})


def test_a_program_beside_the_nodes_own_is_traced() -> None:
    result, _ = traced(ON_A_VISITOR)
    assert result.verdict is Verdict.PASS
    assert dict(node(result, "server").visitors)["guest"].calls is not None


def test_a_call_can_be_waited_for() -> None:
    assert traced(WAITED_FOR)[0].verdict is Verdict.PASS


def test_a_call_that_never_comes_fails_the_wait() -> None:
    late = WAITED_FOR.replace("calls: {must: [close]}}", "calls: {must: [bind]}}\n    within: 50ms")
    result, _ = traced(late)
    assert result.verdict is Verdict.FAIL
    assert "it never called bind" in result.reason


@pytest.mark.parametrize(
    ("trace", "lost", "why"),
    [
        (TRACE, "the tracer of its calls ended: (-9)", "the tracer of its calls ended"),
        (TRACE + "what?\n", "", "cannot be read"),
    ],
)
def test_a_trace_that_is_not_whole_is_an_error(trace: str, lost: str, why: str) -> None:
    result, _ = traced(TRACED, trace, lost)
    assert result.verdict is Verdict.ERROR
    assert why in result.reason


class Without(FakeAgent):
    """No strace where it is."""

    def tracer(self) -> None:
        raise NoTracerError("the agent finds no strace")

    def locate_engine(self, pid: int | None) -> None:
        """See ChildAgent."""


def test_where_nothing_can_trace_it_is_an_error_before_anything_begins() -> None:
    with bench() as lab:
        lab.agent = Without(lab.engine)
        result = lab.run(case(TRACED))
    assert (result.verdict, result.reason) == (Verdict.ERROR, "the agent finds no strace")
    assert all(each.program.argv == () for each in result.nodes)


def test_an_agent_that_dies_meanwhile_is_an_error() -> None:
    class Dying(FakeAgent):
        def traced(self, key: str, trace: int, offset: int) -> Traced:
            raise EngineError("the agent is dead")

    with bench() as lab:
        lab.agent = Dying(lab.engine)
        result = lab.run(case(TRACED))
        assert lab.engine.left == ()
    assert result.verdict is Verdict.ERROR
    assert "the agent is dead" in result.reason


class Host:
    """An engine that would start a container; a child could work beside it."""

    url = "unix:///x"

    def image(self, reference: str | None) -> Image:
        return Image(f"{reference}", (), ())

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        raise EngineError("a container is asked for")

    def remove_node(self, node: str) -> None:
        """Nothing is there."""


@pytest.mark.parametrize(
    ("environment", "traces", "container"),
    [({}, False, False), ({}, True, True), ({"LAB_AGENT": "child"}, True, False)],
)
def test_a_child_that_cannot_trace_gives_way_to_a_container(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], traces: bool, container: bool
) -> None:
    monkeypatch.setattr(choice, "engine_beside", lambda _: 1)
    with bench() as lab:
        early = Without(lab.engine)
        outcome = pytest.raises(EngineError, match="a container") if container else nullcontext()
        with outcome:
            choice.open_agent(Host(), {}, early, environment, traces=traces)  # type: ignore[arg-type]
        assert early.closed is container


@pytest.mark.parametrize(("said", "kernel"), [("", True), ("nfqueue", False)])
def test_the_kernel_may_impair_unless_that_is_forbidden(
    monkeypatch: pytest.MonkeyPatch, said: str, kernel: bool
) -> None:
    monkeypatch.setattr(choice, "engine_beside", lambda _: 1)
    with bench() as lab:
        environment = {"LAB_AGENT": "child", "LAB_IMPAIR": said}
        early = Without(lab.engine)
        agent = choice.open_agent(Host(), {}, early, environment)  # type: ignore[arg-type]
        assert agent.kernel is kernel
        with pytest.raises(UsageError, match="LAB_IMPAIR is 'netem'"):
            choice.open_agent(Host(), {}, early, {"LAB_IMPAIR": "netem"})  # type: ignore[arg-type]
