"""More machines than fit are an ERROR that says what to raise, before the first is made."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.agent.program.spare import spare
from lab.ports import Spare
from lab.runner import room
from lab.verdict import Verdict
from tests.fakes import FakeAgent
from tests.unit.cases import bench, case


@pytest.fixture
def _limits() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def crowd(number: int) -> str:
    return (
        "intent: it must\n"
        "timeout: 60s\n"
        "networks: {lan: {family: ipv6}}\n"
        f"nodes: {{a: {{image: any, args: [echo, hi], networks: [lan], count: {number}}}}}\n"
        "steps: [{start: a}]\n"
    )


@pytest.mark.parametrize(
    ("left", "reason", "advice"),
    [
        (
            Spare(engine_files=639),
            "64 nodes take 640 open files of the engine at least, and 639 are left",
            "LimitNOFILE=",
        ),
        (
            Spare(agent_files=-5),
            "64 nodes take 192 open files of the agent at least, and 0 are left",
            "ulimit -n",
        ),
        (Spare(tasks=100), "64 nodes take 768 threads at least, and 100 are left", "pid_max"),
    ],
    ids=["engine", "agent", "tasks"],
)
def test_what_does_not_fit_is_an_error_and_nothing_was_made(
    left: Spare, reason: str, advice: str
) -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        lab.agent.left = left
        result = lab.run(case(crowd(64)))
        assert (result.verdict, result.reason) == (Verdict.ERROR, reason)
        assert advice in result.help
        assert lab.engine.calls == []


def test_memory_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MEMORY", 1024**3)
    with bench() as lab:
        result = lab.run(case(crowd(64)))
        assert result.verdict is Verdict.ERROR
        assert result.reason.endswith(" bytes of memory at least, and 8,589,934,592 are left")
        assert [name for name, _ in lab.engine.calls] == ["capacity"]


def test_what_cannot_be_known_keeps_nobody_from_trying_and_few_are_not_asked_about() -> None:
    with bench() as lab:
        assert isinstance(lab.agent, FakeAgent)
        assert lab.run(case(crowd(64))).verdict is Verdict.PASS
        assert ("spare", "") in lab.agent.calls
        lab.agent.calls.clear()
        lab.agent.left = Spare(0, 0, 0)
        assert lab.run(case(crowd(63))).verdict is Verdict.PASS
        assert ("spare", "") not in lab.agent.calls


@pytest.mark.usefixtures("_limits")
def test_the_lab_lets_itself_open_as_many_files_as_it_needs() -> None:
    now = len(list(Path("/proc/self/fd").iterdir()))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (now + 10, hard))
    with bench() as lab:
        room.check(200, lab.engine, lab.agent)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= now + 200


def test_what_is_left_of_this_process_is_seen() -> None:
    before = spare(os.getpid())
    with Path("/dev/null").open(), Path("/dev/null").open():
        after = spare(os.getpid())
    assert before["engine_files"] - after["engine_files"] == 2
    assert after["agent_files"] == after["engine_files"]
    assert 0 < after["tasks"] < int(Path("/proc/sys/kernel/threads-max").read_text())


def test_what_cannot_be_seen_is_left_out() -> None:
    assert spare(None).keys() == {"agent_files", "tasks"}
    assert spare(2**22 + 1).keys() == {"agent_files", "tasks"}
