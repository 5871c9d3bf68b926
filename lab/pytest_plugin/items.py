"""Scenario files and their cases, as pytest collects and runs them.

Law: an item comes to what the lab's verdict says and tells it in the lab's words. The case is run
as the item is set up: so pytest, and whatever reads its reports, counts an ERROR (the lab could
not tell) among errors, and a FAIL (something else was seen) among failures.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from lab.errors import LabError
from lab.model import Scenario
from lab.ports import Engine
from lab.project import Project
from lab.pytest_plugin.place import raised_at
from lab.pytest_plugin.session import lab_session, project_of
from lab.pytest_plugin.tags import mark
from lab.pytest_plugin.threads import LoopThread, ended_by_signals
from lab.pytest_plugin.words import said, told
from lab.result import Listener, ScenarioResult
from lab.runner import run_case
from lab.source import Span
from lab.verdict import Verdict


class ScenarioFile(pytest.File):
    """One file of scenarios."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Its cases. Raises CollectError with every mistake, each at its place."""
        try:
            cases = lab_session(self.config).load(self.path)
        except LabError as error:
            raise self.CollectError(said(error)) from None
        for case in cases:
            yield ScenarioItem.from_parent(self, name=case.name, case=case)


class ScenarioItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Scenario, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case
        self._result: ScenarioResult | None = None
        self.add_marker("lab_scenario")
        mark(self, case.tags)

    def setup(self) -> None:
        """Run it. Raises Skipped; Failed for an ERROR."""
        if self.config.getoption("setuponly"):  # --setup-plan, too: nothing is to be run
            return
        self._result = result = self._run()
        self.user_properties += _properties(result)
        if result.verdict is Verdict.SKIP:
            raised_at(self._span, pytest.skip.Exception(result.reason))
        if result.verdict is Verdict.ERROR:
            self._fail(result)

    def runtest(self) -> None:
        """Say what it came to. Raises Failed for a FAIL."""
        assert self._result is not None
        for trouble in self._result.troubles:
            self.warn(pytest.PytestWarning(f"{self.case.name}: {trouble}"))
        if self._result.verdict is Verdict.FAIL:
            self._fail(self._result)

    def teardown(self) -> None:
        """Let go of all that was seen: pytest has its items to its end, and packets are many."""
        self._result = None

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is, lines counted from 0, and its name."""
        return self.path, self._span.line - 1, self.name

    @property
    def _span(self) -> Span:
        return self.case.span or Span(self.path, 1, 1, 1, 2)

    def _run(self) -> ScenarioResult:
        session = lab_session(self.config)
        with ended_by_signals():
            try:
                world = session.world(self.path)
            except LabError as error:
                raised_at(self._span, pytest.fail.Exception(said(error), pytrace=False))
            thread = LoopThread(world.clock)
            try:
                listen = self._listener(world.engine)
                result = thread.call(lambda: run_case(self.case, world, thread.loop, listen))
            finally:
                thread.close(lambda: None)
        if self.project is not None:
            session.recording.over(self.project.root, result)
        return result

    @cached_property
    def project(self) -> Project | None:
        """The one its file lies in."""
        return project_of(self.path)

    def _listener(self, engine: Engine) -> Listener:
        """Pytest shows items, not what happens within one; but that is recorded."""
        own = self.project
        if own is None:
            return lambda _: None

        def cases() -> list[Scenario]:
            items = (item for item in self.session.items if isinstance(item, ScenarioItem))
            return [item.case for item in items if item.project == own]

        return lab_session(self.config).recording.listener(own.root, engine, cases)

    def _fail(self, result: ScenarioResult) -> None:
        text = told(result, self.project, lab_session(self.config).repeated("--"))
        blamed = (j.span for j in result.judgements if j.verdict is result.verdict)
        where = next((span for span in blamed if span is not None), self._span)
        raised_at(where, pytest.fail.Exception(text, pytrace=False))


def _properties(result: ScenarioResult) -> list[tuple[str, object]]:
    """What reports keep of it besides: JUnit's properties."""
    return [
        ("lab_verdict", result.verdict.name),
        ("lab_scenario", result.scenario),
        ("lab_case", result.case),
        ("lab_intent", result.intent),
        ("lab_reason", result.reason),
        ("lab_seconds", f"{result.seconds:.3f}"),
    ]
