"""What is wrong around the lab gets one clear message, in bounded time, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.cleaning.grounds import Whose, whose
from lab.cleaning.removal import remove
from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.fakes.daemon import VERSION, Answer, FakeDaemon
from tests.selftest.moments import EngineEvent
from tests.selftest.process import Ended, LabProcess, run_lab
from tests.selftest.relay import Relay

SCENARIO = "udp-ipv6-only"
# What makes files' permissions mean something to root, too.
NO_OVERRIDE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


def check(ended: Ended, status: ExitStatus, *words: str) -> None:
    """One message, of what and what to do, and nothing else."""
    assert (ended.status, ended.out) == (status, "")
    assert ended.err.startswith("lab: ")
    assert "\nhelp: " in ended.err
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


@pytest.mark.parametrize("command", [("run", SCENARIO), ("up", SCENARIO), ("down",), ("clean",)])
def test_no_engine(tmp_path: Path, command: tuple[str, ...]) -> None:
    where = f"unix://{tmp_path}/none.sock"
    check(run_lab(*command, "--engine", where), ExitStatus.ERROR, "no Docker Engine", where)
    check(run_lab(*command, DOCKER_HOST=where), ExitStatus.ERROR, where, "DOCKER_HOST")


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[str]:
    """A socket that somebody listens on and nobody may open."""
    path = tmp_path / "docker.sock"
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0)
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
        yield f"unix://{path}"


def test_no_permission(forbidden: str) -> None:
    before = NO_OVERRIDE if os.getuid() == 0 else ()
    assert not before or shutil.which(before[0]), "as root this test needs setpriv (util-linux)"
    with LabProcess("run", SCENARIO, "--engine", forbidden, before=before) as lab:
        check(lab.end(), ExitStatus.ERROR, "may not", "usermod -aG docker")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(body={**VERSION, "Version": "19.03", "ApiVersion": "1.40"}), "too old: 19.03"),
        (Answer(hang=True), "did not answer within"),
    ],
    ids=["too old", "silent"],
)
def test_an_engine_of_no_use(tmp_path: Path, answer: Answer, words: str) -> None:
    with closing(FakeDaemon({"GET /version": [answer]}, path=tmp_path / "d.sock")) as daemon:
        check(run_lab("run", SCENARIO, "--engine", daemon.url), ExitStatus.ERROR, words)


@pytest.mark.docker
@pytest.mark.parametrize("event", [2, 5, 6])
def test_an_engine_that_goes_away(engine: DockerEngine, tmp_path: Path, event: int) -> None:
    with (
        Relay(tmp_path / "relay.sock", engine.url) as relay,
        LabProcess("run", SCENARIO, "--engine", relay.url) as lab,
    ):
        EngineEvent(event).await_it(lab, engine)
        relay.cut()
        ended = lab.end()
        left = lab.left(engine)
        assert whose(left) is Whose.LEFT  # nobody could remove it; `lab clean` will
        remove(engine, left)
        assert lab.processes() == []
    assert (ended.status, "Traceback" in ended.err) == (ExitStatus.ERROR, False)
    assert "ERROR" in ended.out
    assert "nothing was removed" in ended.out  # and that is said


TWENTY_MISTAKES = """\
intent: nothing here is right
tags: 5
timeout: soon
wrong: key
networks:
  lan: {family: ipv5}
  wan: {familiy: ipv4}
  Bad_Name: {}
nodes:
  a: {service: listner, networks: [lan]}
  b: {service: listener, networks: [nowhere]}
  c: {service: listener, image: x, networks: [lan]}
  d: {service: talker, networks: [lan]}
  e: {service: talker, args: one, networks: [lan]}
  f: {networks: [lan], count: 0}
  g: {networks: [lan], limits: {memory: much}}
  h: {networks: [lan], env: 3}
steps:
  - strat: a
  - start: z
  - send: {to: a}
  - wait: {for: b, exit: maybe}
  - signal: {to: a, name: SIGNOPE}
  - run: {on: a}
  - start: []
expect:
  y: {exit: 0}
  a: {stdot: ""}
  b: {listening: everywhere}
"""


def test_a_scenario_of_more_than_twenty_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.yaml"
    path.write_text(TWENTY_MISTAKES)
    ended = run_lab("run", str(path), "--engine", f"unix://{tmp_path}/none.sock")
    assert (ended.status, ended.out) == (ExitStatus.BAD_INPUT, "")
    places = [line for line in ended.err.splitlines() if line.startswith(f"{path}:")]
    lines = [int(place.removeprefix(f"{path}:").split(":")[0]) for place in places]
    assert lines == sorted(lines)
    assert len(lines) > 20
    assert ended.err.count("  help: ") == len(lines)
    assert "Traceback" not in ended.err
