"""Tracing real processes: from the first call, and whatever ends, what was traced goes on.

The nodes are those of test_agent: a Python process in namespaces of its own, its first in its pid
namespace as a holder is. No engine is needed, but root and strace.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.agent.child import ChildAgent
from lab.agent.failures import NoTracerError
from lab.errors import EngineError
from lab.events import Call, Fact, ProcessRecord
from lab.executor.tracing import Tracing
from tests.integration.test_agent import LIMIT, ROOT, Node, running

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not ROOT, reason="the child agent is for root on Linux only"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here"),
]

# The first thing it does is a call; then it obeys, a letter at a time, and says that it did.
PROGRAM = """
import os, select, sys, socket
def obey(word):
    if word == b"s": socket.socket().close()
    if word == b"m":
        poll = select.poll()
        for _ in range(100): poll.register(os.dup(0), select.POLLPRI)
        for _ in range(40000): poll.poll(0)
    if word == b"e": os._exit(3)
    if word == b"k": os.kill(os.getpid(), 9)
    if word == b"f" and not os.fork(): socket.socket(); os._exit(0)
socket.socket(socket.AF_INET6)
os.write(1, b".")
while word := os.read(0, 1):
    obey(word)
    os.write(1, b".")
"""
BEGIN = """
def begin(folder, code):
    pid = os.fork()
    if not pid:
        gate = os.open(folder + "/gate", os.O_RDONLY)
        os.dup2(os.open(folder + "/in", os.O_RDWR), 0)
        os.dup2(os.open(folder + "/out", os.O_RDWR), 1)
        os.execv(sys.executable, [sys.executable, "-S", "-c", code])
    open(folder + "/pid", "w").write(str(pid))
"""


class Program:
    """A program of a node that waits before its exec, and can be told what to do."""

    def __init__(self, node: Node, folder: Path) -> None:
        for name in ("gate", "in", "out"):
            os.mkfifo(folder / name)
        self._in = os.open(folder / "in", os.O_RDWR)
        self._out = os.open(folder / "out", os.O_RDWR)
        self._gate = folder / "gate"
        node.do("import os", f"exec({BEGIN!r})", f"begin({os.fspath(folder)!r}, {PROGRAM!r})")
        self.pid = int((folder / "pid").read_text())

    def begin(self) -> None:
        """Let it begin; returns when its first call is made."""
        os.close(os.open(self._gate, os.O_WRONLY))
        assert self._answers()

    def do(self, word: str) -> None:
        """Have it do something, and wait until it has."""
        os.write(self._in, word.encode())
        if word not in "ek":
            assert self._answers()

    def _answers(self) -> bool:
        answered: list[bytes] = []
        reader = threading.Thread(target=lambda: answered.append(os.read(self._out, 1)))
        reader.daemon = True
        reader.start()
        reader.join(LIMIT)
        return answered == [b"."]


class Traced:
    """What the agent has of a traced program."""

    def __init__(self, agent: ChildAgent, pid: int) -> None:
        self._agent = agent
        self._tracing = Tracing("node")
        self._tracing.begin(agent, pid)

    @property
    def record(self) -> ProcessRecord:
        """With all its calls up to now."""
        self._tracing.update(self._agent)
        return self._tracing.told(ProcessRecord())

    @property
    def sockets(self) -> list[Call]:
        """The calls that made sockets."""
        return [call for call in self.record.calls or () if call.name == "socket"]

    def comes(self, seen: Callable[[ProcessRecord], bool]) -> bool:
        """Whether something comes about, looking again only when the agent tells of a change."""
        told = threading.Semaphore(0)
        self._agent.watch("node", frozenset({Fact.CALLS}), lambda: told.release())  # noqa: PLW0108
        try:
            while not seen(self.record):
                if not told.acquire(timeout=LIMIT):
                    return False
            return True
        finally:
            self._agent.unwatch("node")


@pytest.fixture
def program(agent: ChildAgent, tmp_path: Path) -> Iterator[Program]:
    with running(tmp_path, "--net", "--pid", "--mount", "--mount-proc") as node:
        agent.adopt("node", node.started)
        yield Program(node, tmp_path)


@pytest.fixture
def traced(agent: ChildAgent, program: Program) -> Traced:
    found = Traced(agent, program.pid)
    program.begin()
    return found


def tracers() -> list[int]:
    """The processes that are strace's."""
    names = ((int(path.name), path / "comm") for path in Path("/proc").glob("[0-9]*"))
    return [pid for pid, name in names if name.exists() and name.read_text() == "strace\n"]


def tracers_of(agent: ChildAgent) -> list[int]:
    """Those of an agent."""
    children = Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
    return [pid for pid in map(int, children) if pid in tracers()]


def test_the_very_first_call_is_in_it_and_each_is_there_once_it_is_made(
    program: Program, traced: Traced
) -> None:
    assert [call.arguments[0] for call in traced.sockets] == ["AF_INET6"]
    for count in range(2, 5):
        program.do("s")
        assert len(traced.sockets) == count
    assert traced.record.calls_lost == ""
    assert not traced.record.calls_over


def test_nothing_of_who_waited_is_in_it(traced: Traced) -> None:
    names = [call.name for call in traced.record.calls or ()]
    assert "execve" not in names
    assert names.index("socket") == 0 or "read" not in names[: names.index("socket")]


@pytest.mark.parametrize("word", ["e", "k"])
def test_once_all_has_ended_it_is_over_and_whole(
    program: Program, traced: Traced, word: str
) -> None:
    program.do(word)
    assert traced.comes(lambda record: record.calls_over)
    assert traced.record.calls_lost == ""


def test_children_are_in_it(program: Program, traced: Traced) -> None:
    program.do("f")
    assert traced.comes(lambda _: len({call.pid for call in traced.sockets}) == 2)
    forked = next(c for c in traced.record.calls or () if c.name in ("fork", "clone", "clone3"))
    assert forked.result in {call.pid for call in traced.sockets}


def test_times_are_those_of_the_monotonic_clock(program: Program, traced: Traced) -> None:
    before = time.monotonic()
    program.do("s")
    last = traced.sockets[-1]
    assert before - 1 < last.time < time.monotonic() + 1


def test_a_tracer_that_dies_is_told_and_its_program_goes_on(
    agent: ChildAgent, program: Program, traced: Traced
) -> None:
    (tracer,) = tracers_of(agent)
    os.kill(tracer, signal.SIGKILL)
    program.do("s")
    assert traced.comes(lambda record: record.calls_over)
    assert "the tracer of its calls ended" in traced.record.calls_lost


def test_a_tracer_ends_with_its_agent_and_the_program_goes_on(
    agent: ChildAgent, program: Program, traced: Traced
) -> None:
    (tracer,) = tracers_of(agent)
    watched = os.pidfd_open(tracer)
    os.kill(agent.pid, signal.SIGKILL)
    assert select.select([watched], [], [], LIMIT)[0]
    os.close(watched)
    program.do("s")
    assert traced.record.calls_lost


def test_who_is_forgotten_goes_on(agent: ChildAgent, program: Program, traced: Traced) -> None:
    agent.forget("node")
    assert tracers_of(agent) == []
    program.do("s")
    assert traced.record.calls_lost


def test_a_trace_that_is_too_long_is_not_whole_and_its_program_goes_on(
    program: Program, traced: Traced
) -> None:
    os.write(program._in, b"m")
    assert traced.comes(lambda record: bool(record.calls_lost))
    assert "kept" in traced.record.calls_lost


def test_who_is_none_of_the_nodes_cannot_be_traced(agent: ChildAgent, program: Program) -> None:
    with pytest.raises(EngineError, match="no process 999 that could be traced"):
        agent.trace("node", 999)
    with pytest.raises(EngineError, match="no node 'other' was adopted"):
        agent.trace("other", program.pid)
    with pytest.raises(EngineError, match="there is no trace 0"):
        agent.traced("node", 0, 0)


@pytest.mark.parametrize("version", [None, "strace -- version 5.5"])
def test_where_there_is_no_strace_or_an_old_one_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str | None
) -> None:
    if version:
        (tmp_path / "strace").write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "strace").chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    agent = ChildAgent()
    try:
        with pytest.raises(NoTracerError, match=r"no strace \(5.9 or newer\)") as raised:
            agent.tracer()
        assert "LAB_AGENT=container" in raised.value.help
    finally:
        agent.close()
