"""When a run is over: what must end has ended, what is written is read; at once where nothing can
be put right any more."""

import threading
from collections.abc import Sequence

import pytest

from lab.executor import asking, settling
from lab.executor.loop import Loop
from lab.result import PhaseBegan, Progress
from lab.verdict import Verdict
from tests.fakes import FakeAgent
from tests.fakes.holder import FakeHolder
from tests.unit.cases import alone, bench, case

ONE_WRONG_ONE_WAITING = """
intent: what is wrong must be told at once
timeout: 60s
networks:
  lan: {family: ipv6}
nodes:
  wrong: {image: any, args: [echo, hi], networks: [lan]}
  waiting: {image: any, args: [sleep], networks: [lan]}
expect:
  wrong: {stdout: "ho\\n"}
"""


def test_what_nothing_can_put_right_ends_the_run_and_alone_is_blamed() -> None:
    with bench() as lab:
        result = lab.run(case(ONE_WRONG_ONE_WAITING))
        failed = [j for j in result.judgements if j.verdict is not Verdict.PASS]
        assert [(j.subject, j.verdict) for j in failed] == [("wrong", Verdict.FAIL)]
        assert lab.engine.left == ()


def test_a_program_that_must_end_is_waited_for() -> None:
    with bench() as lab:

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, PhaseBegan) and event.phase == "collecting":
                (node,) = lab.engine.nodes.values()
                assert node.holder is not None
                node.holder.processes[0].end_input()

        assert lab.run(alone("cat", "steps: [{start: a}]\n"), listen).verdict is Verdict.PASS


def test_a_program_that_may_run_on_is_not_waited_for_once_all_is_seen() -> None:
    with bench() as lab:
        rest = "timeout: 1h\nexpect: {a: {stdout: ''}}\n"
        assert lab.run(alone("sleep", rest, more=", ends: false")).verdict is Verdict.PASS


def test_what_can_no_longer_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_QUIET", 0.01)
    with bench() as lab:
        rest = "timeout: 1h\nexpect: {a: {stdout: never}}\n"
        result = lab.run(alone("sleep", rest, more=", ends: false"))
        assert result.verdict is Verdict.FAIL


def test_output_that_nobody_waits_for_is_in_the_record_all_the_same() -> None:
    with bench() as lab:
        (node,) = lab.run(alone("talk", more=", ends: false")).nodes
        assert node.program.stdout == b"hello\n" * 100


def test_a_holder_that_hands_nothing_over_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_ANSWER_LIMIT", 0.0)
    with bench() as lab:
        result = lab.run(alone("sleep", more=", ends: false"))
        assert result.verdict is Verdict.ERROR
        assert result.reason == "a did not hand over its output in 0 s"
        assert lab.engine.left == ()


def test_a_wait_that_was_in_vain_counts_only_if_something_still_comes_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rest = "steps: [{start: a}, {wait: {for: a, stdout: {contains: it}}, within: 10ms}]\n"
    with bench() as lab:
        assert lab.run(alone("sleep", rest, more=", ends: false")).verdict is Verdict.FAIL
        monkeypatch.setattr(asking, "_ANSWER_LIMIT", 0.0)
        result = lab.run(alone("sleep", rest, more=", ends: false"))
        assert result.verdict is Verdict.ERROR
        assert result.reason == "a did not hand over its output in 0 s"
        assert lab.engine.left == ()


def test_what_is_still_on_its_way_to_a_node_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine may be slower than a quiet second; that nobody does anything says nothing then."""
    looked, arrived = threading.Event(), threading.Event()
    seen: list[bool] = []
    obey, idle = FakeHolder._obey, FakeAgent.idle

    def late(holder: FakeHolder, kind: str, process: int, payload: bytes) -> None:
        if kind == "I":
            looked.wait(0.3)  # seconds the engine takes, or until somebody is misled
            arrived.set()
        obey(holder, kind, process, payload)

    def look(agent: FakeAgent, keys: Sequence[str]) -> bool:
        looked.set()
        seen.append(arrived.is_set())
        return idle(agent, keys)

    monkeypatch.setattr(settling, "_QUIET", 0.01)
    monkeypatch.setattr(FakeHolder, "_obey", late)
    monkeypatch.setattr(FakeAgent, "idle", look)
    with bench() as lab:
        rest = "steps: [{start: a}, {send: {to: a, line: it}}]\nexpect: {a: {stdout: never}}\n"
        result = lab.run(alone("cat", rest, more=", ends: false"))
        assert result.verdict is Verdict.FAIL
        assert result.nodes[0].program.stdout == b"it\n"
        assert seen
        assert all(seen)
