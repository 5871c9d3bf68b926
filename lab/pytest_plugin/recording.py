"""What a session's cases leave in writing, as those of `lab run` do: a run for `lab report`.

Law: changes no outcome. Workers of xdist write the parts of one run.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# Those unused here are for the recorder's thread, which then imports nothing: pytest makes syntax
# trees of what is imported and of what it shows, and CPython 3.11 sometimes raises SystemError
# where two threads do so at once.
import lab.dissection.layers
import lab.records.writing  # noqa: F401
from lab.model import Scenario
from lab.ports import Engine
from lab.pytest_plugin.worlds import Say
from lab.records.recorder import Circumstances, Recorder
from lab.records.shelf import KEPT, Shelf, new_name
from lab.result import Keep, Listener, Progress, ScenarioResult
from lab.story.explanations import explainers
from lab.verdict import Verdict

OFF = "off"


class Recording:
    """One recorder for each project; closed at the end of the session."""

    def __init__(
        self,
        runs: str | None,
        worker: Mapping[str, Any],
        say: Say,
        *,
        packets: Keep = Keep.ASKED,
        again: Sequence[str] = (),
    ) -> None:
        """`runs`, `packets`: as of `lab run`. `worker`: what xdist tells a worker of its session.

        `again`: options without which a case would not be run as it was.
        """
        self._runs, self._worker, self._say = runs, worker, say
        self._packets, self._again = packets, tuple(again)
        self._began = float(worker.get("lab_began", time.time()))
        self._recorders: dict[Path, Recorder] = {}
        self._verdicts: dict[Path, list[Verdict]] = {}

    def listener(
        self, root: Path, engine: Engine, cases: Callable[[], Sequence[Scenario]]
    ) -> Listener:
        """Who is to be told of a case of that project; `cases`: all that the session has of it."""
        if self._runs == OFF:
            return _nobody
        if root not in self._recorders:
            explainers()  # as above
            given = Circumstances(
                root,
                engine,
                lambda result: shlex.join(("pytest", _item(root, result), *self._again)),
                self._shared(),
                captured=self._packets.captures,
            )
            recorder = Recorder(self._shelf(root), cases(), given, self._say)
            self._recorders[root] = recorder.__enter__()
        return self._recorders[root]

    def over(self, root: Path, result: ScenarioResult) -> None:
        """A case of that project has come to its end."""
        self._verdicts.setdefault(root, []).append(result.verdict)

    def close(self, *, interrupted: bool) -> None:
        """Write what is still to be written; a second time does nothing."""
        seconds = time.time() - self._began
        for root, recorder in self._recorders.items():
            recorder.over(self._verdicts.get(root, []), seconds, interrupted=interrupted)
            recorder.__exit__()
        self._recorders.clear()

    def _shared(self) -> str:
        if not self._worker:
            return ""
        return new_name(self._began, str(self._worker.get("testrunuid", "")) or "0000")

    def _shelf(self, root: Path) -> Shelf:
        kept = os.environ.get("LAB_RUNS_KEPT", "")
        keep = max(int(kept), 1) if kept.isdecimal() else KEPT
        return Shelf(Path(self._runs) if self._runs else root / ".lab" / "runs", keep)


def _item(root: Path, result: ScenarioResult) -> str:
    path = result.path.relative_to(root) if result.path.is_relative_to(root) else result.path
    return f"{path.as_posix()}::{result.case}"


def _nobody(event: Progress) -> None:
    """Nothing is to be left."""
