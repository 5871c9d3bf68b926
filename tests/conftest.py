"""What tests of several folders share: each engine of this machine, and machines on it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lab.engine.docker_engine import DockerEngine
from tests.engines import DOCKER, build_image, opened
from tests.standing import STANDING, Standing, standing

pytest_plugins = ["pytester"]  # for the tests of the lab's own plugin

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# A shell that begins the tests in the background has them, and all programs they begin, ignore
# Ctrl-C; but what Ctrl-C does to those is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)
# And whoever ends the tests otherwise has them remove what they made, too.
signal.signal(signal.SIGTERM, signal.default_int_handler)
# Under nohup(1) the tests go on without their terminal; the programs they begin do not know of it.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.hookimpl(tryfirst=True)  # a worker of xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file that need one engine share what they make there, so they stay together, and
    so do those that would wait for each other's standing machines.

    Where tests run side by side (`--dist loadgroup`), all others are on their own.
    """
    for item in items:
        if item.get_closest_marker("docker") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_company(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """No test has to build the image: it would not do so in its time."""
    needed = any(item.get_closest_marker("docker") for item in session.items)
    if needed and not session.config.option.collectonly:
        build_image()


def _company(item: pytest.Item) -> str:
    if "machines" in getattr(item, "fixturenames", ()):
        return STANDING
    params = getattr(getattr(item, "callspec", None), "params", {})
    engines = (params.get(name) for name in ("engine", "runs", "docker_bench", "bench"))
    return f"{item.path.stem} on {next(filter(None, engines), 'its own')}"


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
