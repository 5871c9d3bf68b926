"""What pytest finds by its entry point: options, hooks, the fixture.

Law: imports pytest and nothing of the lab; opens no file. Where nobody asks for a scenario it
changes nothing.
"""

# ruff: noqa: PLC0415 - see the law
from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab.pytest_plugin.fixture import LabScenario
    from lab.pytest_plugin.items import ScenarioFile

COMPLAINTS = "lab_complaints"  # of a worker's, in what it hands over
BEGAN: pytest.StashKey[float] = pytest.StashKey()
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
    group.addoption(
        "--lab-runs",
        metavar="DIR",
        help="where scenarios that are run are recorded, in place of .lab/runs; `off`: nowhere",
    )
    group.addoption(
        "--lab-capture",
        metavar="WHEN",
        type=_keep,
        help="whose packets the record keeps, for Wireshark: on, off, failed: of cases that do not "
        "pass; asked: of those that look at packets, which is usual",
    )
    group.addoption(
        "--lab-calls",
        action="store_true",
        help="trace all programs of scenarios: the record has their calls",
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


def _keep(text: str) -> str:
    """A word as it is: xdist hands options to its workers, and only what is simple."""
    from lab.result import Keep

    try:
        return Keep(text).value
    except ValueError:
        words = ", ".join(keep.value for keep in Keep)
        raise argparse.ArgumentTypeError(f"{text!r}: write one of {words}") from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """For xdist: its workers are to know when the session began, which names its record."""
    node.workerinput["lab_began"] = node.config.stash.setdefault(BEGAN, time.time())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """For xdist: what a worker of it could not tell anybody."""
    reporter = node.config.pluginmanager.get_plugin("terminalreporter")
    for line in getattr(node, "workeroutput", {}).get(COMPLAINTS, ()):
        if reporter is not None:
            reporter.write_line(f"lab: {line}")


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
