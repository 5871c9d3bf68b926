"""A fake world for a pytest within a test, and its diary.

Law: what is opened, closed and left is written into a file, one line each, so that it can be read
whichever process it happened in.

    # conftest.py of the pytest within
    from tests.unit.pytest_worlds import pytest_configure, pytest_runtest_logfinish
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
ROOT = Path(__file__).parents[2]
NO_ENGINE = "nowhere://"  # an engine that does not answer


ENGINES: list[FakeEngine] = []  # those of this process that are open


def ready(process: FakeProcess) -> int:
    """Say so in the diary, then sleep for ever."""
    note("ready")
    process.wait()
    return 0


class Machines(FakeEngine):
    """Nodes that have the program `ready`, too."""

    def __init__(self, programs: Mapping[str, Program], **rest: Any) -> None:
        super().__init__({**programs, "ready": ready}, **rest)


@contextmanager
def opened(engine: str | None, services: Path | None, say: Say) -> Iterator[World]:
    """As of lab.pytest_plugin.worlds, without Docker."""
    note(f"open {engine} {services.name if services else None}")
    if engine == NO_ENGINE:
        raise EngineError("no engine answers", help="start one")
    say("the image is being built")
    with bench(engine=Machines) as lab:
        ENGINES.append(lab.engine)
        try:
            yield lab.world
        finally:
            ENGINES.remove(lab.engine)
            note(f"close, {len(lab.engine.left)} left")


def note(line: str) -> None:
    """One line of the diary, whole, whoever else writes."""
    with Path(os.environ["DIARY"]).open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def pytest_configure(config: pytest.Config) -> None:
    """Have this pytest open fake worlds."""
    config.stash[OPENER] = opened


def pytest_runtest_logfinish(nodeid: str) -> None:
    """After each test: what it has left on the engines."""
    left = sum(len(engine.left) for engine in ENGINES)
    if left:
        note(f"{left} left by {nodeid}")


# -- for the test around it ------------------------------------------------------------------


def made_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of the lab without scenarios, whose pytest opens fake worlds."""
    (pytester.path / "services").mkdir()
    (pytester.path / "scenarios").mkdir()
    pytester.makeconftest(
        "from tests.unit.pytest_worlds import pytest_configure, pytest_runtest_logfinish\n"
    )
    monkeypatch.setenv("DIARY", str(pytester.path / DIARY))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return pytester


def write(project: pytest.Pytester, folder: str = "scenarios", **files: str) -> None:
    """Scenario files; `_` in a name stands for `-`."""
    (project.path / folder).mkdir(exist_ok=True, parents=True)
    for name, text in files.items():
        (project.path / folder / f"{name.replace('_', '-')}.yaml").write_text(text)


def diary(project: pytest.Pytester) -> list[str]:
    """Its lines."""
    path = project.path / DIARY
    return path.read_text().splitlines() if path.exists() else []
