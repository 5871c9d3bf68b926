"""What is said of a wrong program: killed only by the expectation that was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.result import ScenarioResult
from lab.source import Span
from lab.verdict import Judgement, Verdict
from tests.negative import mutants
from tests.negative.outcome import Fate, fate
from tests.negative.wrong import Complaint, Wrong

FILE = Path(__file__)
FIRST_LINE = Span(FILE, 1, 1, 1, 2)
WRONG = Wrong("case", "program", Complaint("client", '"""What is said', "not this", "do that"))
NAMED = Judgement(
    Verdict.FAIL, "it is not this", FIRST_LINE, "client", advice="you had better do that"
)


def result(verdict: Verdict, *judgements: Judgement) -> ScenarioResult:
    return ScenarioResult("case", "case", FILE, "", verdict, "because", 1.0, judgements=judgements)


def test_killed_by_the_expectation_that_was_named() -> None:
    outcome = fate(WRONG, result(Verdict.FAIL, NAMED))
    assert (outcome.fate, outcome.by) == (Fate.KILLED, NAMED)


@pytest.mark.parametrize(
    "other",
    [
        Judgement(Verdict.FAIL, "it is not this", FIRST_LINE, "server", advice="do that"),
        Judgement(Verdict.FAIL, "it is not that", FIRST_LINE, "client", advice="do that"),
        Judgement(Verdict.FAIL, "it is not this", FIRST_LINE, "client"),
        Judgement(
            Verdict.FAIL, "it is not this", Span(FILE, 3, 1, 3, 2), "client", advice="do that"
        ),
        Judgement(Verdict.PASS, "it is not this", FIRST_LINE, "client", advice="do that"),
    ],
    ids=["node", "reason", "advice", "line", "verdict"],
)
def test_misnamed_by_any_other(other: Judgement) -> None:
    outcome = fate(WRONG, result(Verdict.FAIL, other))
    assert (outcome.fate, outcome.by) == (Fate.MISNAMED, None)


def test_survived_where_the_run_passed() -> None:
    assert fate(WRONG, result(Verdict.PASS)).fate is Fate.SURVIVED


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.SKIP])
def test_unknown_where_the_lab_could_not_tell(verdict: Verdict) -> None:
    assert fate(WRONG, result(verdict, NAMED)).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("fates", "status"),
    [
        ([Fate.KILLED], 0),
        ([Fate.KILLED, Fate.SURVIVED], 1),
        ([Fate.MISNAMED], 1),
        ([Fate.UNKNOWN, Fate.SURVIVED], 1),
        ([Fate.KILLED, Fate.UNKNOWN], 3),
    ],
)
def test_the_exit_status_says_whether_one_survived(fates: list[Fate], status: int) -> None:
    assert mutants.status(fates) == status


def test_nothing_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["no-such-program"]) == 4
    assert "nothing is named no-such-program" in capsys.readouterr().err
