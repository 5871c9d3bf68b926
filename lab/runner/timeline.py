"""The steps of a case, performed one after another.

Law: after the first step that did not come to what it had to, no other is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from lab.errors import LabError
from lab.model import Scenario
from lab.ports import Clock, Stage, Step, StepFailed
from lab.progress import Narrator
from lab.result import StepResult
from lab.verdict import Judgement, Verdict, failed, passed, unknown


class Timeline:
    """One case's steps, and how they went."""

    def __init__(self, scenario: Scenario, clock: Clock, narrator: Narrator) -> None:
        self._scenario = scenario
        self._clock = clock
        self._narrator = narrator
        self._done: list[StepResult] = []

    def perform(
        self, stage: Stage, deaths: Callable[[], Sequence[Judgement]], deadline: float
    ) -> Judgement | None:
        """Perform them all; why one did not come to what it had to, else None.

        `deaths` are judgements on nodes that went away: they count in place of what that led to.
        """
        for index, step in enumerate(self._scenario.steps):
            self._narrator.step_began(index)
            before = self._clock.now()
            late = before >= deadline
            judgement = self._too_late() if late else attempt(step, stage, deaths)
            if judgement is not None:
                judgement = replace(judgement, span=judgement.span or step.span)
            verdict = judgement.verdict if judgement else Verdict.PASS
            seconds = self._clock.now() - before
            result = StepResult(step.title, step.span, verdict, seconds, judgement, before)
            self._done.append(result)
            self._narrator.step_ended(index, result)
            if judgement is not None:
                return judgement
        return None

    def judgements(self) -> tuple[Judgement, ...]:
        """A PASS for each performed step that asked for something and saw it."""
        done = zip(self._scenario.steps, self._done, strict=False)
        return tuple(
            replace(passed(), subject=step.title, span=step.span)
            for step, result in done
            if step.asks and result.verdict is Verdict.PASS
        )

    def results(self) -> tuple[StepResult, ...]:
        """Every step: those performed as they went, the others never reached."""
        unreached = self._scenario.steps[len(self._done) :]
        return (*self._done, *(StepResult(step.title, step.span, None) for step in unreached))

    def _too_late(self) -> Judgement:
        timeout = self._scenario.timeout
        return failed(f"the scenario's timeout of {timeout:g} s was over before this step")


def attempt(
    step: Step, stage: Stage, deaths: Callable[[], Sequence[Judgement]]
) -> Judgement | None:
    """Do one step; why it did not come to what it had to, else None. Raises CancelledRun."""
    try:
        step.apply(stage)
    except StepFailed as failure:
        said = failure.judgement
    except LabError as error:
        said = unknown(error.what, advice=error.help)
    else:
        return None
    return next(iter(deaths()), said)
