"""A scenario whose machines stand while a test does things to it: what `lab_scenario` gives.

Law: whatever is asked of it means what the same words mean in a scenario file, and what comes to
something else is raised in the test's own line, in the lab's words: ScenarioFailure where
something else was seen, ScenarioError where the lab cannot tell.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from lab.catalog import Catalog
from lab.errors import LabError, UsageError
from lab.events import ProcessRecord
from lab.executor.loop import CancelledRun
from lab.kinds.action import Step as WrittenStep
from lab.loader import single
from lab.model import Scenario
from lab.ports import Step, StepFailed
from lab.pytest_plugin.node import RunningNode
from lab.pytest_plugin.threads import LoopThread
from lab.pytest_plugin.words import judged, said
from lab.quantities import format_duration
from lab.result import NodeResult
from lab.runner import LiveCase, World
from lab.source import Span
from lab.source.scope import did_you_mean
from lab.verdict import Judgement, Verdict

T = TypeVar("T")


class ScenarioFailure(AssertionError):  # noqa: N818 - a verdict on the program, no error of the lab
    """Something else was seen than was asked for."""

    __module__ = "builtins"  # shown without the module, as pytest's own outcomes are


class ScenarioError(Exception):
    """The lab could not tell: the engine, an image, a node is gone; or it was asked wrongly."""

    __module__ = "builtins"


class RunningScenario:
    """A case, with its machines up. Made, and closed, by the fixture."""

    def __init__(self, case: Scenario, catalog: Catalog, world: World) -> None:
        """Nothing is made yet."""
        self.case = case
        self._catalog = catalog
        self._thread = LoopThread(world.clock)
        self._live = LiveCase(case, world, self._thread.loop)
        self._done: list[WrittenStep] = []  # those that may have named a program

    def __repr__(self) -> str:
        return f"<scenario {self.case.name}>"

    def open(self, *, steps: bool) -> None:
        """Make its machines; with `steps`, do what the file says. Raises as all others do."""
        __tracebackhide__ = True
        self._do(self._live.make)
        for step in self.case.steps if steps else ():
            self._perform(step, step.title)

    def close(self) -> tuple[str, ...]:
        """Remove everything; what could not be, in sentences."""
        return self._thread.close(self._live.remove)

    # -- for tests

    @property
    def nodes(self) -> tuple[RunningNode, ...]:
        """All of them, in the order of the file."""
        return tuple(RunningNode(self, node.name) for node in self.case.topology.nodes)

    def node(self, name: str) -> RunningNode:
        """One of them. Raises ScenarioError."""
        __tracebackhide__ = True
        known = {node.name: node for node in self.nodes}
        if name not in known:
            near = did_you_mean(name, known, "the nodes are: ")
            raise ScenarioError(f"{self.case.name} has no node {name}\nhelp: {near}")
        return known[name]

    def step(self, *, within: float | str | None = None, **words: Any) -> None:
        """Do one step, as a file would: step(stop="server", within="2s"). `-` is written `_`.

        Raises ScenarioFailure, ScenarioError.
        """
        __tracebackhide__ = True
        values = {word.replace("_", "-"): value for word, value in words.items()}
        if within is not None:
            values["within"] = within if isinstance(within, str) else format_duration(within)
        span = _caller()
        text = "".join(linecache.getlines(str(span.path)))
        try:
            step = single(values, self.case, self._done, self._catalog, (span, text))
        except (LabError, TypeError) as error:
            _raise(error)
        self._perform(step)

    def value(self, reference: str) -> str:
        """What `${...}` stands for in this run: value("talker.ip"). Raises ScenarioError."""
        __tracebackhide__ = True
        bindings = self._do(self._live.stage.bindings)
        if reference not in bindings:
            near = did_you_mean(reference, bindings, "these stand for something: ")
            raise ScenarioError(f"${{{reference}}} stands for nothing\nhelp: {near}")
        return bindings[reference]

    # -- for its nodes

    def result(self, node: str) -> NodeResult:
        """What is known of a node by now."""
        __tracebackhide__ = True
        known = {result.node: result for result in self._do(self._live.nodes)}
        return known[node]

    def send(self, node: str, data: bytes) -> None:
        """Bytes for its program's standard input."""
        __tracebackhide__ = True
        self._do(lambda: self._live.stage.send(node, data))

    def run(self, node: str, argv: Sequence[str], within: float) -> ProcessRecord:
        """Another program on it, to its end."""
        __tracebackhide__ = True
        return self._do(lambda: self._live.run(node, argv, within))

    # -- what it comes to

    def _perform(self, step: Step, title: str = "") -> None:
        __tracebackhide__ = True
        if isinstance(step, WrittenStep):
            self._done.append(step)
        self._expect(self._do(lambda: self._live.attempt(step)), title)

    def _do(self, work: Callable[[], T]) -> T:
        __tracebackhide__ = True
        try:
            return self._thread.call(work)
        except StepFailed as failure:
            found = failure.judgement
        except (LabError, CancelledRun) as error:
            _raise(error)
        self._expect(found)
        raise AssertionError("not reached")

    def _expect(self, found: Judgement | None, title: str = "") -> None:
        __tracebackhide__ = True
        if found is None:
            return
        text = judged(found, self._thread.call(self._live.nodes), self.case.path, title)
        if found.verdict is Verdict.FAIL:
            raise ScenarioFailure(text) from None
        raise ScenarioError(text) from None


def _raise(error: Exception) -> NoReturn:
    __tracebackhide__ = True
    if isinstance(error, CancelledRun):
        raise ScenarioError("the scenario was stopped while it was waited for") from None
    if isinstance(error, LabError):
        raise ScenarioError(said(error)) from None
    raise type(error)(*error.args) from None


def _caller() -> Span:
    """The line outside of the lab that asked."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("lab."):
        frame = frame.f_back
    if frame is None:
        raise UsageError("nobody asks")
    line = frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, line).rstrip()
    column = len(text) - len(text.lstrip()) + 1
    return Span(Path(frame.f_code.co_filename), line, column, line, max(len(text), column) + 1)
