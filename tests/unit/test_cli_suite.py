"""The options of `lab run` that are about many runs, from the command line to the runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.cli.parts import Connection, Outcome, RunOptions, View
from lab.cli.shard import Shard, shard
from lab.errors import ExitStatus, NothingSelectedError
from lab.history import History, Past, add, read
from lab.model import Scenario
from lab.verdict import Verdict
from tests.unit.cli_fakes import EXAMPLES, Call, FakeParts, caller, project, scenario


@dataclass
class RepeatingParts(FakeParts):
    """Each scenario comes to what its name says; `flaky` ones fail in their second run.

    Stops where it was told to, and after 7 rounds where it was not.
    """

    level: int = 0

    def run(
        self,
        cases: Sequence[Scenario],
        connection: Connection,
        options: RunOptions,
        view: View,
    ) -> Outcome:
        self.calls.append(("run", [case.name for case in cases], options))
        results = []
        for number in range(1, (options.rounds or 7) + 1):
            for case in cases:
                word = re.split("[- [\\]]", case.name)[0]
                word = ("fail" if number == 2 else "pass") if word == "flaky" else word
                found = replace(EXAMPLES[word], case=case.name, path=case.path, seconds=number)
                results.append(replace(found, repeat=0 if options.rounds == 1 else number))
                if options.fail_fast and found.verdict >= Verdict.ERROR:
                    return Outcome(tuple(results))
        levels = {"28 unix": self.level} if self.level else {}
        return Outcome(tuple(results), self.interrupted, levels)


@pytest.fixture(name="parts")
def _parts() -> RepeatingParts:
    return RepeatingParts()


@pytest.fixture(name="lab")
def _lab(
    parts: RepeatingParts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Call:
    folder = project(
        tmp_path / "project", pass_a="", pass_b="matrix", fail_c="", flaky_d="", skip_e=""
    )
    monkeypatch.chdir(folder)
    return caller(parts, capfd)


def options(parts: FakeParts) -> RunOptions:
    found = [call[2] for call in parts.calls if call[0] == "run"][-1]
    assert isinstance(found, RunOptions)
    return found


def ran(parts: FakeParts) -> list[str]:
    names: list[str] = [call[1] for call in parts.calls if call[0] == "run"][-1]
    return names


# -- what is asked for -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), RunOptions(jobs=None)),
        (("-j", "auto"), RunOptions(jobs=None)),
        (("-j3",), RunOptions(jobs=3)),
        (("--jobs", "1"), RunOptions(jobs=1)),
        (("-x",), RunOptions(jobs=None, fail_fast=True)),
        (("--repeat", "3"), RunOptions(jobs=None, rounds=3)),
        (("--repeat", "1"), RunOptions(jobs=None)),
        (("--until-fail",), RunOptions(jobs=None, rounds=None, fail_fast=True)),
        (("--until-fail", "--repeat=9"), RunOptions(jobs=None, rounds=9, fail_fast=True)),
        (("--stress", "--seed", "7"), RunOptions(jobs=None, seed=7)),
        (("--repeat=1", "--keep"), RunOptions(jobs=None, keep=True)),
    ],
)
def test_options_reach_the_run(
    lab: Call, parts: RepeatingParts, words: tuple[str, ...], wanted: RunOptions
) -> None:
    lab("run", "pass-a", *words)
    assert replace(options(parts), seconds=()) == wanted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-j", "0"), "'0': write a number from 1 to 1000, or auto"),
        (("-j", "many"), "'many': write a number from 1 to 1000, or auto"),
        (("-j", "-1"), "'-1': write a number"),
        (("--shard", "2"), "'2' is no shard: write 2/5 for the second of five"),
        (("--shard", "a/b"), "'a/b' is no shard"),
        (("--shard", "2/5/7"), "is no shard"),
        (("--shard", "0/5"), "'0/5': shards are counted from 1/5 to 5/5"),
        (("--shard", "6/5"), "'6/5': shards are counted from 1/5 to 5/5"),
        (("--shard", "1/0"), "'1/0': there must be one shard at least"),
        (("--repeat", "0"), "'0': write a number from 1 to 1000000"),
        (("--repeat", "1e3"), "'1e3': write a number"),
        (("--stress", "--seed", "-1"), "'-1': write a number from 0"),
        (("--seed", "5"), "add --stress: lab run NAME --stress --seed 5"),
        (("--repeat", "2", "--keep"), "run it once with --keep, or repeat it without"),
        (("--until-fail", "--keep"), "run it once with --keep, or repeat it without"),
    ],
)
def test_a_bad_value_is_told_with_what_to_write(
    lab: Call, parts: RepeatingParts, words: tuple[str, ...], said: str
) -> None:
    answer = lab("run", "pass-a", *words)
    assert answer.status == ExitStatus.BAD_INPUT
    assert said in answer.err
    assert "help: " in answer.err
    assert [call for call in parts.calls if call[0] == "run"] == []


# -- results ---------------------------------------------------------------------------------


def test_runs_that_disagree_are_flaky_and_the_worst_counts(lab: Call) -> None:
    answer = lab("run", "pass-a", "flaky-d", "--repeat", "3")
    assert answer.status == ExitStatus.FAILED
    assert "FLAKY 1/3 flaky-d  listener: stdout" in answer.out
    assert "2 scenarios, 6 runs: 5 passed, 1 failed in " in answer.out


def test_runs_that_agree_are_not_flaky(lab: Call) -> None:
    answer = lab("run", "pass-a", "fail-c", "--repeat", "2")
    assert "FAIL  2/2 fail-c  " in answer.out
    assert "FLAKY" not in answer.out
    assert lab("run", "pass-a", "--repeat", "2").status == ExitStatus.PASSED


def test_fail_fast_tells_how_far_it_came(lab: Call) -> None:
    answer = lab("run", "pass-a", "fail-c", "pass-b", "-x")
    assert answer.status == ExitStatus.FAILED
    assert answer.out.endswith("stopped at the first failure, after 2 of 4 scenarios\n")
    assert "stopped" not in lab("run", "pass-a", "fail-c", "-x").out


def test_until_fail_stops_at_the_first_that_did_not_pass(lab: Call) -> None:
    answer = lab("run", "flaky-d", "--until-fail")
    assert answer.status == ExitStatus.FAILED
    assert "FLAKY 1/2 flaky-d" in answer.out
    assert "1 scenario, 2 runs: 1 passed, 1 failed" in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "after 2 of 2 scenarios;"),
        (("--repeat", "2"), "after 4 of 4 runs;"),
        (("--until-fail",), "after 14 runs;"),
    ],
)
def test_interrupted_tells_how_far_it_came(
    lab: Call, parts: RepeatingParts, words: tuple[str, ...], said: str
) -> None:
    parts.interrupted = True
    answer = lab("run", "pass-b", *words)
    assert answer.status == ExitStatus.INTERRUPTED
    assert f"lab: interrupted {said}" in answer.err


def test_the_seed_is_told_and_told_again_after_a_failure(lab: Call, parts: RepeatingParts) -> None:
    answer = lab("run", "pass-a", "--stress")
    seed = options(parts).seed
    assert seed is not None
    assert answer.err == f"disturbed by seed {seed}; again: --stress --seed {seed}\n"
    assert "seed" not in answer.out
    failed = lab("run", "fail-c", "--stress", "--seed", "41")
    assert failed.out.endswith("disturbed by seed 41; again: --stress --seed 41\n")


def test_json_tells_which_repeat_it_is_of_and_nothing_else(lab: Call) -> None:
    answer = lab("run", "flaky-d", "--repeat", "2", "--json")
    assert answer.out == ""  # these parts tell a view nothing
    assert "FLAKY" not in answer.err


# -- what is remembered ----------------------------------------------------------------------


def test_only_those_that_failed_are_run_again_until_they_pass(
    lab: Call, parts: RepeatingParts
) -> None:
    lab("run", "all")
    lab("run", "--lf")
    assert ran(parts) == ["fail-c"]
    lab("run", "flaky-d", "--repeat", "2")
    lab("run", "all", "--last-failed")
    assert ran(parts) == ["fail-c", "flaky-d"]
    lab("run", "flaky-d")  # which passes when it is run once
    lab("run", "--lf")
    assert ran(parts) == ["fail-c"]


@pytest.mark.parametrize("before", [(), ("run", "pass-a"), ("run", "fail-c")])
def test_where_nothing_failed_nothing_is_selected(lab: Call, before: tuple[str, ...]) -> None:
    if before:
        lab(*before)
    answer = lab("run", "pass-a", "--lf")
    assert answer.status == ExitStatus.NOTHING
    assert "none of these cases failed when it was last run here" in answer.err
    assert "help: run them all: lab run all" in answer.err


def test_how_long_cases_took_is_given_to_the_next_run(lab: Call, parts: RepeatingParts) -> None:
    lab("run", "pass-a", "skip-e")
    lab("run", "pass-a", "fail-c", "skip-e")
    assert tuple(options(parts).seconds) == (1.0, None, None)


def test_a_busy_machine_says_nothing_of_how_long_a_case_takes(
    lab: Call, parts: RepeatingParts
) -> None:
    lab("run", "pass-a", "--stress")
    lab("run", "pass-a")
    assert tuple(options(parts).seconds) == (None,)
    lab("run", "fail-c", "--stress")
    lab("run", "--lf")
    assert ran(parts) == ["fail-c"]


def test_the_level_that_was_found_is_given_to_the_next_run(
    lab: Call, parts: RepeatingParts
) -> None:
    parts.level = 5
    lab("run", "pass-a")
    lab("run", "pass-a")
    assert options(parts).levels == {"28 unix": 5}


def test_a_history_that_is_broken_changes_nothing(lab: Call, parts: RepeatingParts) -> None:
    lab("run", "all")
    (Path(".lab") / "history.json").write_text("{")
    assert lab("run", "all").status == ExitStatus.FAILED
    assert read(Path.cwd()) != History()


# -- shards ----------------------------------------------------------------------------------


def test_each_case_is_in_one_shard(lab: Call, parts: RepeatingParts) -> None:
    shards = []
    for number in (1, 2, 3):
        lab("run", "all", "--shard", f"{number}/3")
        shards.append(ran(parts))
    lab("run", "all")
    assert sorted(name for names in shards for name in names) == sorted(ran(parts))
    assert {len(names) for names in shards} == {2}


def test_shards_do_not_depend_on_what_happened_on_one_machine(
    lab: Call, parts: RepeatingParts
) -> None:
    lab("run", "all", "--shard", "1/2")
    before = ran(parts)
    key = "scenarios/pass-a.yaml::pass-a"
    add(Path.cwd(), History({key: Past(Verdict.FAIL, 1000.0)}))
    lab("run", "all", "--shard", "1/2")
    assert ran(parts) == before


def test_last_failed_is_looked_for_within_the_shard(lab: Call, parts: RepeatingParts) -> None:
    lab("run", "all")
    answers = [lab("run", "--lf", "--shard", f"{number}/2") for number in (1, 2)]
    assert sorted(answer.status for answer in answers) == [
        ExitStatus.FAILED,
        ExitStatus.NOTHING,
    ]


def test_a_shard_without_cases_is_nothing_selected(lab: Call) -> None:
    answer = lab("run", "pass-a", "--shard", "2/2")
    assert answer.status == ExitStatus.NOTHING
    assert "shard 2/2 has no case: there is 1 case in all" in answer.err
    assert "help: use 1 shard at most" in answer.err


@pytest.mark.parametrize("parts", range(1, 12))
def test_shards_are_all_cases_once_and_alike_in_size(parts: int) -> None:
    cases = [scenario(f"case-{number}", Path(f"{number % 3}.yaml"), ()) for number in range(11)]

    def name(case: Scenario) -> str:
        return f"{case.path}::{case.name}"

    dealt = [Shard(number, parts).of(cases, name) for number in range(1, parts + 1)]
    assert sorted(name(case) for part in dealt for case in part) == sorted(map(name, cases))
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
    again = [Shard(number, parts).of(cases[::-1], name) for number in range(1, parts + 1)]
    assert [set(map(name, part)) for part in again] == [set(map(name, part)) for part in dealt]


def test_a_shard_is_read_and_printed() -> None:
    assert shard("2/5") == Shard(2, 5)
    assert str(Shard(2, 5)) == "2/5"
    with pytest.raises(NothingSelectedError):
        Shard(1, 1).of([], lambda case: case.name)
