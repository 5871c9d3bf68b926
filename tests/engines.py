"""The real engines of this machine, for tests that run on each: its own, and the private one.

An engine that is not there is a failure, unless LAB_WITHOUT_DOCKER=1 says so out loud.

    @pytest.fixture(scope="session", params=DOCKER)
    def world(request): ...      with opened(request.param) as engine, world_on(engine) as world:
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import pytest

from lab.agent import open_agent
from lab.allocation import chosen_pools
from lab.engine import open_engine
from lab.engine.docker_engine import DockerEngine
from lab.errors import LabError
from lab.executor.names import agent_labels
from lab.private_engine import endpoint
from lab.runner import MonotonicClock, World

_WITHOUT_DOCKER = os.environ.get("LAB_WITHOUT_DOCKER") == "1"
PRIVATE = "modern"  # what `lab --engine` calls the private one
WITHOUT = pytest.mark.skipif(_WITHOUT_DOCKER, reason="LAB_WITHOUT_DOCKER=1")
DOCKER = [
    pytest.param(None, id="engine", marks=[pytest.mark.docker, WITHOUT]),
    pytest.param(PRIVATE, id="modern", marks=[pytest.mark.docker, WITHOUT]),
]

_ENGINE_CALLS = 8  # at a time


@contextmanager
def opened(choice: str | None) -> Iterator[DockerEngine]:
    """An engine of this machine. Raises EngineError where there is none."""
    if choice == PRIVATE:
        assert endpoint() is not None, "the private engine does not run: make modern-engine"
    with closing(open_engine(choice)) as engine:
        yield engine


def build_image() -> None:
    """The lab's image on each engine there is, nothing where it is there already."""
    for choice in () if _WITHOUT_DOCKER else (None, PRIVATE):
        with suppress(LabError, AssertionError), opened(choice) as engine:  # a test will say it
            engine.image(None)


@contextmanager
def world_on(engine: DockerEngine) -> Iterator[World]:
    """What cases are run with on this engine."""
    agent = open_agent(engine, agent_labels())
    with closing(agent), ThreadPoolExecutor(_ENGINE_CALLS, "engine") as pool:
        yield World(engine, agent, pool, MonotonicClock(), chosen_pools(os.environ))
