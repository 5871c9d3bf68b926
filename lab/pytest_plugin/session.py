"""What belongs to one pytest session: its settings, the worlds its scenarios run in, its catalogs.

Law: one for each session, kept in pytest's own stash; closed when pytest is done with the
session, however that ended.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lab.catalog import Catalog
from lab.errors import LabError, UsageError
from lab.loader import load
from lab.loader.tracing import all_traced
from lab.model import Scenario
from lab.project import Project, project
from lab.pytest_plugin.plugin import COMPLAINTS
from lab.pytest_plugin.recording import Recording
from lab.pytest_plugin.worlds import Opener, Worlds, opened
from lab.result import Keep
from lab.runner import World

OPENER: pytest.StashKey[Opener] = pytest.StashKey()
"""Who opens an engine, where that is not opened() of worlds: for tests of the plugin."""

_SESSION: pytest.StashKey[LabSession] = pytest.StashKey()


class LabSession:
    """The lab, as long as pytest runs."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._catalogs: dict[Path, Catalog] = {}

    @cached_property
    def worlds(self) -> Worlds:
        """Engines, opened when one is asked for."""
        opener = self._config.stash.get(OPENER, opened)
        worlds = Worlds(self._config.getoption("--lab-engine"), self._say, opener)
        self._config.pluginmanager.register(_Closing(worlds, self.recording))
        return worlds

    @cached_property
    def recording(self) -> Recording:
        """What is left in writing."""
        runs = self._config.getoption("--lab-runs") or os.environ.get("LAB_RUNS")
        worker = getattr(self._config, "workerinput", {})
        again = self.repeated("--lab-")
        return Recording(runs, worker, self._complain, packets=self.packets, again=again)

    def repeated(self, prefix: str) -> tuple[str, ...]:
        """Options without which a case would not be run as it was.

        `lab run` has the same ones, which begin with `--` alone.
        """
        engine = self._config.getoption("--lab-engine")
        uses: Sequence[str] = self._config.getoption("--lab-use")
        return (
            *((f"{prefix}engine", engine) if engine else ()),
            *(word for use in uses for word in (f"{prefix}use", use)),
            *((f"{prefix}calls",) if self._traces else ()),
        )

    @property
    def packets(self) -> Keep:
        """Of which cases they are kept."""
        return Keep(self._config.getoption("--lab-capture") or Keep.ASKED)

    @property
    def _traces(self) -> bool:
        return bool(self._config.getoption("--lab-calls"))

    @cached_property
    def use(self) -> Mapping[str, str]:
        """Images that take the place of services. Raises UsageError."""
        return dict(_replacement(text) for text in self._config.getoption("--lab-use"))

    def world(self, path: Path) -> World:
        """What scenarios of that file run in. Raises LabError."""
        return replace(self.worlds.of(services_of(path)), packets=self.packets)

    def load(self, path: Path, use: Mapping[str, str] | None = None) -> tuple[Scenario, ...]:
        """The cases of a file. Raises InvalidScenario, UsageError."""
        cases = load(path, self.catalog(path), {**self.use, **(use or {})})
        return tuple(map(all_traced, cases)) if self._traces else cases

    def catalog(self, path: Path) -> Catalog:
        """The services that a file's nodes may name."""
        folder = services_of(path) or path.parent / "services"
        return self._catalogs.setdefault(folder, Catalog(folder))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Files and folders that the setting lab_scenarios names."""
        return tuple(self._config.getini("lab_scenarios") or ())

    def _say(self, line: str) -> None:
        """Tell whoever looks on how something long goes; a worker of xdist tells nobody."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"lab: {line}")

    def _complain(self, line: str) -> None:
        """Tell what went wrong beside the tests; what a worker tells, xdist takes along."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is None:
            self._say(line)
        else:
            output.setdefault(COMPLAINTS, []).append(line)


class _Closing:
    """Closes worlds while the session finishes: a worker of xdist may be ended right after that."""

    def __init__(self, worlds: Worlds, recording: Recording) -> None:
        self._worlds = worlds
        self._recording = recording

    @pytest.hookimpl(trylast=True)  # after the teardown of fixtures that an interrupt left over
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """See pytest's reference."""
        self._close(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)

    def pytest_unconfigure(self) -> None:
        """The same where the session was cut off; a second time does nothing."""
        self._close(interrupted=True)

    def _close(self, *, interrupted: bool) -> None:
        try:
            self._recording.close(interrupted=interrupted)
        finally:
            self._worlds.close()


def lab_session(config: pytest.Config) -> LabSession:
    """That of this pytest."""
    if _SESSION not in config.stash:
        config.stash[_SESSION] = LabSession(config)
    return config.stash[_SESSION]


def project_of(path: Path) -> Project | None:
    """The project a file lies in, if it lies in one."""
    try:
        return project(path.parent)
    except LabError:
        return None


def services_of(path: Path) -> Path | None:
    """The folder of services of that project."""
    found = project_of(path)
    return found.root / "services" if found else None


def _replacement(text: str) -> tuple[str, str]:
    service, equals, image = text.partition("=")
    if not (service and equals and image):
        raise UsageError(f"--lab-use {text}", help="write --lab-use listener=my-image:tag")
    return service, image
