"""A real daemon that is stopped, killed, held or restarted: an ERROR that says so, in bounded
time, never PASS or FAIL; and once it is back, nothing is left.

The daemon is one of these tests' own.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.engine import open_engine
from lab.engine.docker_engine import DockerEngine
from lab.engine.images import state
from lab.engine.stock import OWN_SERVICES
from lab.errors import ExitStatus
from lab.image.recipe import read
from lab.private_engine import daemon, possible, processes
from lab.private_engine.home import Home
from tests.engines import opened
from tests.homes import borrowed_home, silent
from tests.selftest.process import Ended, LabProcess, run_lab

REASON = possible()
pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.environ.get("LAB_WITHOUT_DOCKER") == "1", reason="LAB_WITHOUT_DOCKER=1"),
    pytest.mark.skipif(REASON is not None, reason=f"no private engine here: {REASON}"),
]

WAITING = """\
intent: a listener must hear somebody
timeout: {timeout}
networks: {{lan: {{family: ipv6}}}}
nodes: {{listener: {{service: listener, networks: [lan]}}}}
steps:
  - start: listener
  - wait: {{for: listener, stdout: {{contains: packet}}}}
    within: {timeout}
"""
# What users are promised, so bounds of these tests: once the daemon has ended; once it is held.
ENDED_WITHIN, SILENT_WITHIN = 10, 30
READY = "| listener: waiting to recvfrom..."


@dataclass(frozen=True)
class Own:
    """The daemon of these tests, up whenever a test begins."""

    home: Home

    def pid(self) -> int:
        """Its process."""
        pid = processes.daemon_pid(self.home)
        assert pid is not None
        return pid

    def signal(self, number: signal.Signals) -> None:
        """For the daemon alone."""
        os.kill(self.pid(), number)

    def kill(self) -> None:
        """As a crash: its containers are ended by nobody."""
        pid = self.pid()
        self.signal(signal.SIGKILL)
        assert processes.ends(pid, 60)

    def stop(self) -> None:
        """As an administrator does; it ends its containers before."""
        pid = self.pid()
        self.signal(signal.SIGTERM)
        assert processes.ends(pid, 60)

    def restart(self) -> None:
        """It is back at once."""
        self.stop()
        daemon.start(silent, self.home)

    def hold(self) -> None:
        """It accepts connections and never answers."""
        self.signal(signal.SIGSTOP)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """With the lab's own image, as the machine's engine has it."""
    with borrowed_home(tmp_path_factory.mktemp("own")) as home:
        url = daemon.start(silent, home)
        with opened(None) as engine, closing(open_engine(url)) as own:
            copy_image(engine, own)
        yield home


def copy_image(source: DockerEngine, sink: DockerEngine) -> None:
    """Have the sink know the lab's own image by its name."""
    source.image(None)
    client = source.clients.mine()
    name = state(client, read(OWN_SERVICES)).reference
    sink.clients.mine().load_image(client.get_image(name))  # type: ignore[no-untyped-call]


@pytest.fixture
def own(home: Home) -> Iterator[Own]:
    """Up at the beginning; at the end, once it is up again, a command leaves nothing on it."""
    own = Own(home)
    daemon.start(silent, home)
    yield own
    if own_pid := processes.daemon_pid(home):
        os.kill(own_pid, signal.SIGCONT)
    url = daemon.start(silent, home)
    assert run_lab("clean", "--engine", url).status == 0
    with closing(open_engine(url)) as engine:
        assert engine.find({"lab.run": ""}) == ()


def run_until(
    own: Own, folder: Path, timeout: str, misbehave: Callable[[], None], within: float
) -> Ended:
    """A case that waits in vain for that long; the daemon misbehaves while it does.

    `within`: seconds in which the lab must have ended once the daemon has misbehaved.
    """
    path = folder / "waiting.yaml"
    path.write_text(WAITING.format(timeout=timeout))
    with LabProcess("run", str(path), "-v", "--engine", own.home.url) as lab:
        while READY not in (line := lab.line()):
            assert line, lab.end()
        misbehave()
        assert lab.ends_within(within), f"it still runs after {within:g} s"
        return lab.end()


@pytest.mark.parametrize("deed", [Own.kill, Own.stop, Own.restart], ids=lambda deed: deed.__name__)
def test_it_ends_while_a_case_runs(own: Own, tmp_path: Path, deed: Callable[[Own], None]) -> None:
    ended = run_until(own, tmp_path, "1h", lambda: deed(own), ENDED_WITHIN)
    assert (ended.status, "ERROR waiting" in ended.out) == (ExitStatus.ERROR, True), ended
    assert "listener: the node is gone" in ended.out
    assert "Traceback" not in ended.out + ended.err


def test_it_hangs_while_a_case_runs(own: Own, tmp_path: Path) -> None:
    ended = run_until(own, tmp_path, "1s", own.hold, SILENT_WITHIN)
    assert (ended.status, "ERROR waiting" in ended.out) == (ExitStatus.ERROR, True), ended
    assert "listener did not hand over its output" in ended.out
    assert "the engine does not answer, so nothing was removed" in ended.out


def test_it_hangs_before_anything_is_made(own: Own) -> None:
    own.hold()
    ended = run_lab("run", "udp-ipv6-only", "--engine", own.home.url)
    assert (ended.status, ended.out) == (ExitStatus.ERROR, "")
    assert "did not answer within" in ended.err


def test_it_is_not_there(own: Own) -> None:
    own.stop()
    ended = run_lab("run", "udp-ipv6-only", "--engine", own.home.url)
    assert (ended.status, ended.out) == (ExitStatus.ERROR, "")
    assert "no Docker Engine listens at" in ended.err
