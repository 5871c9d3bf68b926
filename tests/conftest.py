"""What tests of several folders share: each engine of this machine, and machines on it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from tests.engines import DOCKER, opened
from tests.standing import Standing, standing

pytest_plugins = ["pytester"]  # for the tests of the lab's own plugin

# A shell that begins the tests in the background has them, and all programs they begin, ignore
# Ctrl-C; but what Ctrl-C does to those is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab under test does not talk to the server that runs the tests."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "LAB_RUNS", "LAB_RUNS_KEPT"):
        monkeypatch.delenv(name, raising=False)


# On a CI server labs report more and accept nothing: where that is tested, the test says so itself.
for name in [name for name in os.environ if name == "CI" or name.startswith("GITHUB_")]:
    del os.environ[name]


@pytest.fixture(scope="session", params=DOCKER)
def engine(request: pytest.FixtureRequest) -> Iterator[DockerEngine]:
    """Each engine in turn; `engine.url` is what `lab --engine` takes."""
    with opened(request.param) as engine:
        yield engine


@pytest.fixture(scope="module")
def machines(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Two machines on a network of each family, made by `lab up`; see tests.standing."""
    folder: Path = tmp_path_factory.mktemp("standing")
    with standing(engine, folder) as machines, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", engine.url)  # for the docker command that testinfra runs
        yield machines
