"""`lab_scenario`: opens scenarios for one test, and closes what it opened.

Law: whatever the test does, nothing it opened is there when it is over.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lab.errors import LabError, UsageError
from lab.model import Scenario
from lab.project import is_scenario_file
from lab.pytest_plugin.running import RunningScenario, ScenarioError
from lab.pytest_plugin.session import LabSession, lab_session, project_of
from lab.pytest_plugin.threads import ended_by_signals
from lab.pytest_plugin.words import said
from lab.requirements import missing
from lab.source.scope import did_you_mean


class LabScenario:
    """What the fixture gives to a test."""

    def __init__(self, session: LabSession, test: Path, folders: Mapping[str, Path]) -> None:
        """`folders`: where a relative path may begin, the first that has it counts."""
        self._session = session
        self._test = test
        self._folders = folders
        self._stack = ExitStack()

    def __call__(
        self,
        scenario: str | Path,
        *,
        steps: bool = True,
        use: Mapping[str, str] | None = None,
    ) -> RunningScenario:
        """A scenario, by its name, its case's name or its file, with its machines up.

        `steps`: do what the file's steps say; a file without any starts all programs, each once
        the one before is ready. `use`: images in place of services. Skips the test where this
        engine lacks what the scenario requires. Raises ScenarioFailure, ScenarioError.
        """
        __tracebackhide__ = True
        try:
            file = self._file(scenario)
            case = self._case(file, str(scenario), use)
            world = self._session.world(file)
        except LabError as error:
            raise ScenarioError(said(error)) from None
        if lack := missing(case.requires, world.engine.abilities()):
            pytest.skip(lack)
        self._stack.enter_context(ended_by_signals())
        running = RunningScenario(case, self._session.catalog(file), world)
        self._stack.callback(_close, running)
        running.open(steps=steps)
        return running

    def close(self) -> None:
        """Remove all that was opened, the last first."""
        self._stack.close()

    def _file(self, scenario: str | Path) -> Path:
        if is_scenario_file(Path(scenario)):
            for folder in self._folders.values():
                if (folder / scenario).is_file():
                    return folder / scenario
            where = " nor ".join(f"in {name}" for name in self._folders)
            raise UsageError(f"there is no file {scenario} {where}")
        known = {path.stem: path for path in self._known()}
        name = str(scenario).partition("[")[0]
        if name not in known:
            near = did_you_mean(name, known, "there are: ")
            raise UsageError(
                f"there is no scenario {name}",
                help=near
                or "scenarios are files in scenarios/ of a project of the lab, and where "
                "the setting lab_scenarios says",
            )
        return known[name]

    def _known(self) -> Iterator[Path]:
        project = project_of(self._test)
        if project is not None:
            yield from (project.here / path for path in project.files)
        for place in self._session.folders:
            found = [place] if place.is_file() else sorted(place.rglob("*"))
            yield from (path for path in found if is_scenario_file(path))

    def _case(self, file: Path, word: str, use: Mapping[str, str] | None) -> Scenario:
        cases = self._session.load(file, use)
        found = [case for case in cases if case.name == word] or cases
        if len(found) == 1:
            return found[0]
        names = ", ".join(case.name for case in cases)
        raise UsageError(f"{word} is {len(found)} cases", help=f"name one: {names}")


@contextmanager
def opening(request: pytest.FixtureRequest) -> Iterator[LabScenario]:
    """What opens scenarios, until the test is over."""
    test = request.path
    folders = {"the test's folder": test.parent, "pytest's rootdir": request.config.rootpath}
    opened = LabScenario(lab_session(request.config), test, folders)
    try:
        yield opened
    finally:
        opened.close()


def _close(running: RunningScenario) -> None:
    for trouble in running.close():
        warnings.warn(pytest.PytestWarning(f"{running.case.name}: {trouble}"), stacklevel=1)
