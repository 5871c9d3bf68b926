"""What pytest finds by its entry point: options, hooks, the fixture.

Law: imports pytest and nothing of the lab; opens no file. Where nobody asks for a scenario it
changes nothing.
"""

# ruff: noqa: PLC0415 - see the law
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab.pytest_plugin.fixture import LabScenario
    from lab.pytest_plugin.items import ScenarioFile

SUFFIXES = (".yaml", ".yml")
MARKER = "lab_scenario: a scenario of Socket Lab, collected from its file"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command line's options, and the setting of a project's own."""
    group = parser.getgroup("socketlab", "Socket Lab: scenarios on real machines")
    group.addoption(
        "--lab-engine",
        metavar="URL",
        help="the engine to use, as in DOCKER_HOST; otherwise the one Docker's settings name",
    )
    group.addoption(
        "--lab-use",
        metavar="SERVICE=IMAGE",
        action="append",
        default=[],
        help="run this image in place of a service; as often as there are services to replace",
    )
    parser.addini(
        "lab_scenarios",
        "files and folders of scenarios, collected wherever pytest begins; unset: scenarios/ of a "
        "project of the lab, where that folder or one in it is named",
        type="paths",
        default=None,
    )


def pytest_configure(config: pytest.Config) -> None:
    """The one marker that every scenario has; tags are registered as they are met."""
    config.addinivalue_line("markers", MARKER)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A file of scenarios, where that was asked for."""
    if file_path.suffix not in SUFFIXES:
        return None
    from lab.pytest_plugin.asked import asked

    if not asked(file_path, parent.session):
        return None
    from lab.pytest_plugin.items import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.fixture
def lab_scenario(request: pytest.FixtureRequest) -> Iterator[LabScenario]:
    """Socket Lab: lab_scenario("name") makes a scenario's machines for this test, programs running.

    Its nodes send, wait and answer; see docs/pytest.md of Socket Lab.
    """
    from lab.pytest_plugin.fixture import opening

    with opening(request) as opened:
        yield opened
