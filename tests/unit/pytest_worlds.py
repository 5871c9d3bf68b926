"""A fake world for a pytest within a test, and its diary.

Law: what is opened, closed and left is written into a file, one line each, so that it can be read
whichever process it happened in.

    # conftest.py of the pytest within
    from tests.unit.pytest_worlds import pytest_configure
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.errors import EngineError
from lab.pytest_plugin.session import OPENER
from lab.pytest_plugin.worlds import Say
from lab.runner import World
from tests.fakes import FakeEngine, FakeProcess, Program
from tests.unit.cases import bench

DIARY = "diary"
NO_ENGINE = "nowhere://"  # an engine that does not answer


def ready(process: FakeProcess) -> int:
    """Say so in the diary, then sleep for ever."""
    write("ready")
    process.wait()
    return 0


class Machines(FakeEngine):
    """Nodes that have the program `ready`, too."""

    def __init__(self, programs: Mapping[str, Program], **rest: Any) -> None:
        super().__init__({**programs, "ready": ready}, **rest)


@contextmanager
def opened(engine: str | None, services: Path | None, say: Say) -> Iterator[World]:
    """As of lab.pytest_plugin.worlds, without Docker."""
    write(f"open {engine} {services.name if services else None}")
    if engine == NO_ENGINE:
        raise EngineError("no engine answers", help="start one")
    say("the image is being built")
    with bench(engine=Machines) as lab:
        try:
            yield lab.world
        finally:
            write(f"close, {len(lab.engine.left)} left")


def write(line: str) -> None:
    """One line of the diary, whole, whoever else writes."""
    with (Path(os.environ["DIARY"])).open("ab", buffering=0) as diary:
        diary.write(f"{line}\n".encode())


def pytest_configure(config: pytest.Config) -> None:
    """Have this pytest open fake worlds."""
    config.stash[OPENER] = opened
