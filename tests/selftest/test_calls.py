"""Traced programs on real engines: wherever strace is, whatever dies.

That every scenario of calls passes with images that hold one static program, and with the agent
in a container, is in test_c_programs and test_container_agent.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from tests.selftest.process import LabProcess, run_lab

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

STRACE = pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here")
each_agent = pytest.mark.parametrize("agent", [pytest.param("child", marks=STRACE), "container"])

# A program that waits for ever in accept, and one that is stopped there and goes on.
PAUSED = """\
intent: a program that is traced must stop and go on as any other
networks:
  lan: {family: ipv4}
nodes:
  server: {service: simplestreamserver, networks: [lan]}
  client: {service: simplestreamclient, args: [server, "3490"], networks: [lan]}
steps:
  - start: server
  - pause: server
  - start: client
  - resume: server
  - send: {to: client, line: hello}
  - wait: {for: client, exit: 0}
  - restart: server
  - wait: {for: server, calls: {must: [listen]}}
  - signal: {to: server, name: SIGUSR1}
  - wait: {for: server, exit: SIGUSR1}
expect:
  server:
    exit: SIGUSR1
    calls:
      order: [socket, bind, accept, recv, send, close, socket, bind, listen]
      must-not: [connect]
"""
WAITING = """\
intent: a traced program must be waited for
networks:
  lan: {family: ipv4}
nodes:
  server: {service: simplestreamserver, networks: [lan]}
steps:
  - start: server
  - name: nothing comes
    wait: {for: server, calls: {must: [accept]}}
    within: 60s
expect:
  server: {calls: {must: [accept]}}
timeout: 90s
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with all programs of this machine but strace."""
    folder: Path = tmp_path_factory.mktemp("bin")
    for place in os.get_exec_path():
        for program in Path(place).glob("*"):
            if program.name != "strace" and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return os.fspath(folder)


def test_a_machine_without_strace_traces_in_a_container(engine: DockerEngine, bare: str) -> None:
    words = ["run", "calls-echo", "--json", "--engine", engine.url]
    ended = run_lab(*words, PATH=bare)
    assert (ended.status, ended.not_passed) == (0, [])
    (case,) = run_lab(*words, PATH=bare, LAB_AGENT="child").cases
    assert case["verdict"] == "ERROR"
    assert "finds no strace" in case["reason"]


@each_agent
def test_signals_stops_and_restarts_are_as_without(
    engine: DockerEngine, tmp_path: Path, agent: str
) -> None:
    path = tmp_path / "paused.yaml"
    path.write_text(PAUSED)
    ended = run_lab("run", str(path), "--json", "--engine", engine.url, LAB_AGENT=agent)
    assert (ended.status, ended.not_passed) == (0, []), ended.out + ended.err


@each_agent
def test_a_killed_lab_leaves_no_tracer(engine: DockerEngine, tmp_path: Path, agent: str) -> None:
    path = tmp_path / "waiting.yaml"
    path.write_text(WAITING)
    with LabProcess("run", str(path), "-v", "--engine", engine.url, LAB_AGENT=agent) as lab:
        while "1. start server" not in lab.line():
            assert not lab.ends_within(0)
        if agent == "child":
            assert any("strace" in command for command in lab.processes())
        lab.kill()
        assert lab.left(engine) == ()
        assert lab.processes() == []
