"""The agent as a child: beginning and ending, and knowing the engine. Needs no privilege."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from lab.agent.child import PROGRAM, ChildAgent, engine_beside, engine_pid, rootless
from lab.agent.choice import open_agent
from lab.agent.failures import AgentDeadError, NotHereError, NoTracerError
from lab.ports import Image, Started

linux = pytest.mark.skipif(sys.platform != "linux", reason="the agent's program is for Linux")
pytestmark = linux


@pytest.fixture
def child() -> Iterator[ChildAgent]:
    agent = ChildAgent()
    yield agent
    agent.close()


def test_it_begins_answers_and_ends(child: ChildAgent) -> None:
    assert child.idle([]) is True
    child.close()
    with pytest.raises(AgentDeadError):
        child.idle([])


def test_it_refuses_a_process_that_is_not_the_containers(child: ChildAgent) -> None:
    with pytest.raises(NotHereError, match="neither its control groups nor its mounts"):
        child.adopt("x", Started(os.getpid(), "ab" * 32))
    assert child.idle([]) is True


def test_its_own_routes_are_cidr(child: ChildAgent) -> None:
    assert all(route.count("/") == 1 for route in child.routes())


def test_its_death_is_noticed_at_once() -> None:
    agent = ChildAgent()
    agent.idle([])
    os.kill(agent._child.pid, signal.SIGKILL)
    with pytest.raises(AgentDeadError, match="ended unexpectedly"):
        agent.idle([])
    agent.close()


def test_an_interrupt_is_not_for_it(child: ChildAgent) -> None:
    child.idle([])
    os.kill(child._child.pid, signal.SIGINT)
    assert child.idle([]) is True


def test_a_crash_shows_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("raise SystemExit('no kernel like this')")
    monkeypatch.setattr("lab.agent.child.PROGRAM", tmp_path)
    agent = ChildAgent()
    with pytest.raises(AgentDeadError, match="no kernel like this"):
        agent.idle([])
    agent.close()


def test_the_program_ends_with_its_input() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", PROGRAM],
        input=b'{"id": 1, "do": "idle", "keys": []}\n',
        capture_output=True,
        check=True,
    )
    assert done.stdout == b'{"id":1,"ok":true}\n'
    assert done.stderr == b""


def test_the_program_runs_under_any_name_and_imports_nothing_of_the_lab(tmp_path: Path) -> None:
    copy = tmp_path / "agent"
    shutil.copytree(PROGRAM, copy)
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-X", "importtime", copy],
        input=b"",
        capture_output=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "agent.commands" in imported
    heavy = {"lab", "ctypes", "dataclasses", "typing", "pathlib", "ipaddress", "asyncio"}
    assert not imported & heavy


# -- knowing the engine ----------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Path]:
    """A socket of this process's that answers as an engine would, at least to a ping."""
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        answering = threading.Thread(target=_answer, args=(server,))
        answering.start()
        yield path
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(path))
        answering.join(10)


def _answer(server: socket.socket) -> None:
    while True:
        connection, _ = server.accept()
        with connection:
            if not connection.recv(4096):
                return
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")


def test_the_process_that_answers_is_the_engine(engine: Path) -> None:
    assert engine_pid(str(engine)) == os.getpid()


def test_nobody_answers(tmp_path: Path) -> None:
    assert engine_pid(str(tmp_path / "none")) is None
    assert engine_beside(f"unix://{tmp_path / 'none'}") is None


@pytest.mark.parametrize("endpoint", ["tcp://192.0.2.1:2376", "ssh://user@192.0.2.1", "npipe://x"])
def test_an_engine_elsewhere(endpoint: str) -> None:
    assert engine_beside(endpoint) is None


def test_only_root_can_look_into_nodes(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert engine_beside(f"unix://{engine}") is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert engine_beside(f"unix://{engine}") is not None


# -- a rootless engine -----------------------------------------------------------------------

ROOTLESS = """
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[1])
    server.listen()
    print("up", flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
"""


class Rootless:
    """What open_agent() is told of an engine; it has no containers."""

    def __init__(self, path: Path, process: subprocess.Popen[str]) -> None:
        self.url = f"unix://{path}"
        self.pid = process.pid

    def image(self, reference: str | None) -> Image:
        raise AssertionError(reference)

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        raise AssertionError(image, name, labels)

    def remove_node(self, node: str) -> None:
        raise AssertionError(node)


@pytest.fixture
def its_own(tmp_path: Path) -> Iterator[Rootless]:
    """An engine in user and network namespaces of its own, which belong to us."""
    path = tmp_path / "engine.sock"
    apart = ["unshare", "--user", "--map-root-user", "--net"]
    command = [*apart, sys.executable, "-S", "-E", "-c", ROOTLESS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "up\n":
            pytest.skip("this machine lets nobody make user namespaces")
        yield Rootless(path, process)
        process.kill()


def namespaces(pid: int, *kinds: str) -> list[str]:
    return [str(Path(f"/proc/{pid}/ns/{kind}").readlink()) for kind in kinds]


@pytest.mark.parametrize("early", [False, True])
def test_beside_a_rootless_engine_it_is_root_where_that_is(its_own: Rootless, early: bool) -> None:
    assert rootless(its_own.pid)
    before = ChildAgent() if early else None
    agent = open_agent(its_own, {}, before)
    try:
        assert isinstance(agent, ChildAgent)
        assert agent.routes() == ()  # nothing leads out of there
        assert agent.idle([]) is True
        shared = ("user", "net")
        assert namespaces(agent.pid, *shared) == namespaces(its_own.pid, *shared)
        assert namespaces(agent.pid, *shared, "uts") != namespaces(os.getpid(), *shared, "uts")
        effective = Path(f"/proc/{agent.pid}/status").read_text().partition("CapEff:")[2].split()[0]
        assert int(effective, 16) & (1 << 21)  # CAP_SYS_ADMIN
    finally:
        agent.close()
    if before is not None:
        assert before._child.poll() is not None


def test_a_rootless_engine_of_ours_needs_no_root(
    its_own: Rootless, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert engine_beside(its_own.url) == its_own.pid
    monkeypatch.setenv("PATH", "/nowhere")
    assert engine_beside(its_own.url) is None  # without nsenter there is no way in


def test_there_it_is_a_child_also_where_it_cannot_trace(
    its_own: Rootless, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No container could be one; that strace is missing is told where it is needed."""
    for program in ("nsenter", "unshare"):
        (tmp_path / program).symlink_to(shutil.which(program) or "/nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with closing(open_agent(its_own, {}, traces=True)) as agent:
        assert isinstance(agent, ChildAgent)
        with pytest.raises(NoTracerError):
            agent.tracer()


def test_an_engine_that_is_no_other_place_than_ours_is_not_rootless() -> None:
    assert not rootless(os.getpid())
    with subprocess.Popen(["true"]) as ended:
        pass
    assert not rootless(ended.pid)
