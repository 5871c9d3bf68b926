"""What a run leaves in writing: its record, the reports asked for, what a build server shows.

Law: made from the results, after they have been shown; what cannot be written is told, and
changes no status.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lab.cli.asked import Asked
from lab.cli.parts import Connection, Outcome, View
from lab.cli.servers import server
from lab.cli.views import say
from lab.errors import LabError, UsageError
from lab.project import Project
from lab.report.case import Page
from lab.report.paint import Paint
from lab.report.run import ReportedCase, ReportedRun
from lab.result import Progress, ScenarioResult
from lab.source import shown
from lab.verdict import Verdict

if TYPE_CHECKING:
    from lab.model import Scenario
    from lab.ports import Engine
    from lab.records.recorder import Recorder

COLUMNS = 100


class Reporting:
    """A context manager around a run and all that is printed of it."""

    def __init__(
        self,
        project: Project,
        cases: Sequence[Scenario],
        asked: Asked,
        page: Page,
        again: Callable[[ScenarioResult], str],
        *,
        plain: bool,
    ) -> None:
        """`again` is the command that runs a case once more.

        `plain`: standard output gets text for people, in which programs have had a part.
        """
        self.cases, self.page = cases, page
        self._project, self._asked, self._again, self._plain = project, asked, again, plain
        self._server = server(os.environ)
        self._began = time.time()
        self._engine: Engine | None = None
        self._recorder: Recorder | None = None
        self._over: tuple[Outcome, float] | None = None
        self._silence = ExitStack()

    def __enter__(self) -> Reporting:
        if self._asked.reports:
            from lab.cli.publishing import prepare  # noqa: PLC0415 - not for every run

            for wanted in self._asked.reports:
                prepare(wanted)
        self._silence.enter_context(self._server.silenced(sys.stdout, self._plain))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._silence.close()
        if isinstance(error, LabError) and not isinstance(error, UsageError) and not self._over:
            # No case ran; who reads reports must see that, and not nothing.
            unknown = tuple(_unknown(case, error) for case in self.cases)
            self._over = Outcome(unknown), time.time() - self._began
        if self._over is not None:
            self._publish(*self._over)

    @contextmanager
    def beside(self, view: View, connection: Connection) -> Iterator[View]:
        """The view, and beside it what takes the run down; all is written when this ends."""
        self._engine = connection.engine
        shelf = self._asked.shelf(self._project)
        if shelf is None:
            yield view
            return
        from lab.records.recorder import Circumstances, Recorder  # noqa: PLC0415 - not for help

        captured = self._asked.packets.captures
        given = Circumstances(self._project.root, connection.engine, self._again, captured=captured)
        with Recorder(shelf, self.cases, given, view.say) as recorder:
            self._recorder = recorder
            yield _Both(view, recorder)

    def over(self, outcome: Outcome, seconds: float) -> None:
        """The run is over; reports are written when the context ends."""
        self._over = outcome, seconds
        if self._recorder is not None:
            verdicts = [result.verdict for result in outcome.results]
            self._recorder.over(verdicts, seconds, interrupted=outcome.interrupted)

    def ending(self) -> list[str]:
        """What to say below the summary of a run that did not go well."""
        folder = self._recorder.folder if self._recorder is not None else None
        if folder is None or self._over is None:
            return []
        bad = any(result.verdict >= Verdict.ERROR for result in self._over[0].results)
        return [f"all that is known of it is in {shown(folder)}"] if bad else []

    @property
    def formats(self) -> tuple[str, ...]:
        """Those of all that is published when the run is over."""
        servers = (("github", self._server.github), ("markdown", self._server.summary))
        asked = (wanted.format for wanted in self._asked.reports)
        return (*asked, *(name for name, where in servers if where))

    def _publish(self, outcome: Outcome, seconds: float) -> None:
        if not self.formats:
            return
        wanted = self._asked.reports
        from lab.cli.publishing import publish, tell  # noqa: PLC0415 - not for every run
        from lab.records.versions import versions  # noqa: PLC0415 - not for every run

        cases = tuple(self._reported(outcome.results))
        about = versions(self._engine) if self._engine is not None else {}
        run = ReportedRun(cases, seconds, self._began, about, outcome.interrupted)
        page = replace(self.page, columns=COLUMNS, paint=Paint(), wrap=sys.maxsize, beneath=None)
        page = replace(page, workspace=self._server.workspace)
        publish(wanted, run, page, say)
        tell(self._server, run, page, sys.stdout if self._plain else sys.stderr, say)

    def _reported(self, results: Sequence[ScenarioResult]) -> Iterator[ReportedCase]:
        """Each with where it is kept."""
        for result in results:
            kept = self._recorder.kept(result) if self._recorder is not None else None
            began, where = (kept.began, shown(kept.folder)) if kept else (None, "")
            yield ReportedCase(result, began, where, self._again(result))


class _Both(Struct, frozen=True):
    """A view and a listener beside it."""

    view: View
    recorder: Recorder

    def __call__(self, event: Progress) -> None:
        self.view(event)
        self.recorder(event)

    def say(self, line: str) -> None:
        """Pass it on."""
        self.view.say(line)


def _unknown(case: Scenario, error: LabError) -> ScenarioResult:
    """The result of a case that could not even be begun."""
    name = case.name.partition("[")[0]
    return ScenarioResult(
        name, case.name, case.path, case.intent, Verdict.ERROR, error.what, 0.0, help=error.help
    )
