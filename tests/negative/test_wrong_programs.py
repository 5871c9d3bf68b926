"""Every scenario fails its wrong programs, says so with the right expectation, and passes the
right ones.

All cases that are going to be tested are begun together, a few at a time; each test waits for its
own. So a test costs what its case adds to the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from lab.verdict import Verdict
from tests.engines import DOCKER
from tests.negative import images
from tests.negative.cases import CATALOG, right_cases, runs_a_program_of_ours, wrong_case
from tests.negative.conftest import chosen
from tests.negative.outcome import Fate, fate
from tests.negative.runs import Runs
from tests.negative.wrong import Wrong, table

TABLE = table()
FEWEST = 2  # wrong programs of a scenario


def in_turn(each: Iterable[object]) -> list[object]:
    """What is wrong with a program, or right, is not the engine's: each is tried on one of them.

    By `make mutants` all wrong ones on any one; tests/selftest/test_container_agent.py has all
    scenarios pass on every one.
    """
    return [
        pytest.param(*engine.values, one, marks=engine.marks, id=f"{engine.id}-{one}")
        for one, engine in zip(each, itertools.cycle(DOCKER), strict=False)
    ]


def test_every_scenario_has_wrong_programs() -> None:
    ours = {name for name, case in right_cases().items() if runs_a_program_of_ours(case)}
    assert {wrong.case for wrong in TABLE} == ours
    scenarios = {name.partition("[")[0] for name in ours}
    programs = {
        name: {wrong.program for wrong in TABLE if wrong.scenario == name} for name in scenarios
    }
    assert [name for name, wrong in programs.items() if len(wrong) < FEWEST] == []


def test_every_wrong_program_is_caught_somewhere() -> None:
    assert {wrong.program for wrong in TABLE} == set(images.PROGRAMS)
    assert all(images.service_of(program) in CATALOG.names for program in images.PROGRAMS)


def test_every_row_is_another() -> None:
    assert len({str(wrong) for wrong in TABLE}) == len(TABLE)


@pytest.fixture(scope="session")
def begun(runs: Runs, request: pytest.FixtureRequest) -> Runs:
    """The runs, with every case that is going to be tested under way."""
    for wrong in chosen(request, "wrong", runs.choice):
        if isinstance(wrong, Wrong):
            runs.begin(str(wrong), wrong_case(wrong, runs.image))
    for name in chosen(request, "right", runs.choice):
        runs.begin(str(name), right_cases()[str(name)])
    return runs


@pytest.mark.parametrize(("runs", "wrong"), in_turn(TABLE), indirect=["runs"], scope="session")
def test_wrong(begun: Runs, wrong: Wrong) -> None:
    result = begun.begun[str(wrong)].result()
    outcome = fate(wrong, result)
    assert outcome.fate is Fate.KILLED, outcome.said
    assert result.troubles == ()


@pytest.mark.parametrize(
    ("runs", "right"), in_turn(sorted(right_cases())), indirect=["runs"], scope="session"
)
def test_right(begun: Runs, right: str) -> None:
    result = begun.begun[right].result()
    assert (result.verdict, result.reason, result.troubles) == (Verdict.PASS, "", ())
