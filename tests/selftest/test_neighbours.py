"""Two users, two checkouts, one engine: nobody's command touches what is another's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.engine.locking import alone
from lab.errors import ExitStatus
from tests.selftest.process import ROOT, Ended, LabProcess, run_lab
from tests.selftest.relay import Relay
from tests.standing import STANDING

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group(STANDING)]

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SCENARIO = """\
intent: a machine must stand
networks: {lan: {family: ipv6}}
nodes: {machine: {networks: [lan]}}
steps: [{run: {on: machine, command: [echo, here], expect: {stdout: "here\\n"}}}]
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where anybody may go."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def checkout(folder: Path, name: str) -> Path:
    """A project with one scenario of that name."""
    made = folder / name
    (made / "scenarios").mkdir(parents=True)
    (made / "services").symlink_to(ROOT / "services")
    (made / "scenarios" / f"{name}.yaml").write_text(SCENARIO)
    return made


def standing(engine: DockerEngine, name: str) -> int:
    """How many things stand of the scenario of that name."""
    return len(engine.find({"lab.scenario": name}))


def cleaned(engine: DockerEngine) -> Ended:
    """What `lab clean` comes to before there is anything of these tests.

    An engine that lost count of a network before they began says so to everybody.
    """
    return run_lab("clean", "--all", "--engine", engine.url)


def both(*commands: tuple[Path, str], engine: DockerEngine) -> list[Ended]:
    """Commands in their folders, at the same time."""
    with ExitStack() as stack:
        labs = [
            stack.enter_context(LabProcess(*words.split(), "--engine", engine.url, folder=folder))
            for folder, words in commands
        ]
        return [lab.end() for lab in labs]


def test_two_checkouts(engine: DockerEngine, folder: Path) -> None:
    one, other = checkout(folder, "left"), checkout(folder, "right")
    with alone(engine.url, STANDING, print):
        clean = cleaned(engine)
        try:
            for ended in both((one, "up left"), (other, "up right"), engine=engine):
                assert ended.status == ExitStatus.PASSED, ended
            # All at once: what is away of one, what is cleaned, and a run of the other.
            ends = both(
                (one, "down"), (one, "clean --all"), (other, "run right"), (other, "clean"),
                engine=engine,
            )  # fmt: skip
            assert [ended.status for ended in ends] == [0, clean.status, 0, clean.status], ends
            assert (standing(engine, "left"), standing(engine, "right")) == (0, 2)
        finally:
            both((one, "down"), (other, "down"), engine=engine)
    assert (standing(engine, "left"), standing(engine, "right")) == (0, 0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv (util-linux)")
def test_two_users(engine: DockerEngine, folder: Path) -> None:
    """The other one reaches the engine by a socket of his, and has no agent but a container."""
    mine, his = checkout(folder, "left"), checkout(folder, "right")
    os.chown(his, 65534, 65534)

    with alone(engine.url, STANDING, print), Relay(folder / "d.sock", engine.url) as relay:
        (folder / "d.sock").chmod(0o666)

        def he(*words: str) -> Ended:
            return run_lab(*words, "--engine", relay.url, before=NOBODY, folder=his, HOME=str(his))

        clean = cleaned(engine)
        try:
            assert run_lab("up", "left", "--engine", engine.url, folder=mine).status == 0
            ends = he("run", "right"), he("up", "right"), he("clean", "--all"), he("down")
            assert [ended.status for ended in ends] == [0, 0, clean.status, 0], ends
            assert "PASS  right" in ends[0].out
            assert "it stands for" in ends[2].out
            assert ends[2].err == clean.err
            assert (standing(engine, "left"), standing(engine, "right")) == (2, 0)
            assert {path.owner() for path in (his / ".lab").iterdir()} == {"nobody"}
        finally:
            assert run_lab("down", "--engine", engine.url, folder=mine).status == 0
    assert (standing(engine, "left"), standing(engine, "right")) == (0, 0)
