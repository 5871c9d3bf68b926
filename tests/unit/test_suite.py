"""Many cases: in order, side by side, stopped together; one says nothing of another."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace

from lab.errors import EngineError
from lab.executor.loop import CancelledRun
from lab.model import Scenario
from lab.ports import NetworkSpec
from lab.result import CaseBegan, CaseEnded, Keep, Progress
from lab.suite import Agenda, Suite, Turn
from lab.verdict import Verdict
from tests.fakes import FakeEngine
from tests.unit.cases import bench, case, nobody

PATIENCE = 20.0  # seconds; a test that waits for it has failed


def hello(name: str, word: str = "hi") -> str:
    return (
        f"intent: {name} must say {word}\n"
        "networks: {lan: {family: ipv6}}\n"
        "nodes: {a: {image: any, args: [echo, hi], networks: [lan]}}\n"
        f'expect: {{a: {{stdout: "{word}\\n"}}}}\n'
    )


class Told(list[Progress]):
    """Remembers all events."""

    def __call__(self, event: Progress) -> None:
        self.append(event)


CASES = [case(hello("one"), "one"), case(hello("two", "ho"), "two"), case(hello("three"), "three")]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_cases(jobs: int) -> None:
    with bench() as lab:
        results = Suite(CASES, lab.world, nobody).run(jobs=jobs)
        assert [(result.case, result.verdict) for result in results] == [
            ("one", Verdict.PASS),
            ("two", Verdict.FAIL),
            ("three", Verdict.PASS),
        ]
        assert lab.engine.left == ()


def test_one_at_a_time_means_that_one_has_its_verdict_before_the_next_begins() -> None:
    with bench() as lab:
        told = Told()
        Suite(CASES, lab.world, told).run()
        turns = [event for event in told if isinstance(event, CaseBegan | CaseEnded)]
        assert [(type(event), event.case) for event in turns] == [
            (kind, name) for name in ("one", "two", "three") for kind in (CaseBegan, CaseEnded)
        ]


def test_a_case_begins_while_the_one_before_is_removed() -> None:
    begun = threading.Event()

    class Slow(FakeEngine):
        """Removes nothing of the first case until the second has begun."""

        def remove_node(self, node: str) -> None:
            assert begun.wait(PATIENCE)
            super().remove_node(node)

    def listen(event: Progress) -> None:
        if isinstance(event, CaseBegan) and event.case == "two":
            begun.set()

    with bench(engine=Slow) as lab:
        results = Suite(CASES[:2], lab.world, listen).run()
        assert len(results) == 2
        assert lab.engine.left == ()


def test_repeats_are_told_apart_and_come_in_order() -> None:
    with bench() as lab:
        told = Told()
        suite = Suite(CASES[:2], lab.world, told)
        results = suite.run(jobs=3, agenda=Agenda([1, 0], 2))
        assert [(r.case, r.repeat) for r in results] == [
            ("one", 1), ("one", 2), ("two", 1), ("two", 2),
        ]  # fmt: skip
        assert {event.case for event in told} == {"one #1", "one #2", "two #1", "two #2"}
        ended = [event.result for event in told if isinstance(event, CaseEnded)]
        assert {(result.case, result.repeat) for result in ended} == {
            (result.case, result.repeat) for result in results
        }


@pytest.mark.parametrize("jobs", [1, 2])
def test_fail_fast_lets_end_what_runs_and_begins_nothing_more(jobs: int) -> None:
    with bench() as lab:
        suite = Suite([CASES[1], CASES[0], *CASES * 5], lab.world, nobody)
        order = Agenda(range(17), fail_fast=True)
        results = suite.run(jobs=jobs, agenda=order)
        assert results[0].verdict is Verdict.FAIL
        assert len(results) < 17
        assert not suite.cancelled
        assert lab.engine.left == ()


def test_until_one_fails() -> None:
    """A case that passes twice and then does not; what is kept of those that passed is little."""
    with bench(failures={("create_node", 3): EngineError("no space left")}) as lab:
        suite = Suite(CASES[:1], lab.world, nobody)
        results = suite.run(agenda=Agenda([0], None, fail_fast=True))
        assert [result.verdict for result in results] == [
            Verdict.PASS, Verdict.PASS, Verdict.ERROR,
        ]  # fmt: skip
        assert [len(result.judgements) for result in results] == [0, 0, 1]


@pytest.mark.parametrize("rounds", [2, None])
def test_what_is_told_is_whole_also_where_less_of_it_is_kept(rounds: int | None) -> None:
    with bench(failures={("create_node", 3): EngineError("no space left")}) as lab:
        told = Told()
        lab.packets = Keep.ON
        suite = Suite(
            CASES[:1], lab.world, told, remains=lambda found: replace(found, capture=None)
        )
        results = suite.run(agenda=Agenda([0], rounds, fail_fast=True))
        passes = [event.result for event in told if isinstance(event, CaseEnded)][:2]
        assert [found.capture is not None for found in passes] == [True, True]
        assert [found.capture for found in results[:2]] == [None, None]


def test_of_runs_without_end_none_that_passed_has_its_packets() -> None:
    with bench(failures={("create_node", 3): EngineError("no space left")}) as lab:
        lab.packets = Keep.ON
        suite = Suite(CASES[:1], lab.world, nobody)
        results = suite.run(agenda=Agenda([0], None, fail_fast=True))
        assert [found.capture for found in results[:2]] == [None, None]


def test_each_turn_runs_what_is_prepared_for_it() -> None:
    def prepare(case: Scenario, turn: Turn) -> Scenario:
        return replace(case, intent=f"{turn.case}/{turn.repeat}")

    with bench() as lab:
        suite = Suite(CASES[:2], lab.world, nobody, prepare)
        results = suite.run(agenda=Agenda([0, 1], 2))
        assert [result.intent for result in results] == ["0/1", "0/2", "1/1", "1/2"]


def test_jobs_run_side_by_side_and_are_told_one_event_at_a_time() -> None:
    together = threading.Barrier(2, timeout=PATIENCE)
    telling = threading.Lock()

    class Meeting(list[str]):
        def __call__(self, event: Progress) -> None:
            assert telling.acquire(blocking=False), "two events are told at once"
            self.append(event.case)
            telling.release()

    told = Meeting()
    with bench() as lab:
        original = lab.engine.create_network

        def meet(spec: NetworkSpec) -> str:
            together.wait()
            return original(spec)

        lab.engine.create_network = meet  # type: ignore[method-assign]
        results = Suite(CASES[:2], lab.world, told).run(jobs=2)
        assert len(results) == 2
        assert set(told) == {"one", "two"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_cases_stopped_by_cancel_have_no_result(jobs: int) -> None:
    with bench() as lab:

        def listen(event: Progress) -> None:
            if isinstance(event, CaseEnded):
                suite.cancel()

        suite = Suite(CASES * 3, lab.world, listen)
        results = suite.run(jobs=jobs)
        assert 1 <= len(results) <= jobs
        assert suite.cancelled
        assert lab.engine.left == ()


def test_a_suite_stopped_before_it_began_runs_nothing() -> None:
    with bench() as lab:
        suite = Suite(CASES, lab.world, nobody)
        suite.cancel()
        assert suite.run(jobs=2) == ()
        assert lab.engine.calls == []


@pytest.mark.parametrize("jobs", [1, 3])
def test_an_error_in_one_case_is_no_error_in_another(jobs: int) -> None:
    with bench(failures={("create_node", 2): EngineError("no space left")}) as lab:
        verdicts = [r.verdict for r in Suite([CASES[0]] * 3, lab.world, nobody).run(jobs=jobs)]
        assert sorted(verdicts) == [Verdict.PASS, Verdict.PASS, Verdict.ERROR]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_nobody_expected_stops_the_others_and_leaves_nothing(jobs: int) -> None:
    with bench(failures={("create_node", 1): ZeroDivisionError("a defect")}) as lab:
        suite = Suite(CASES * 5, lab.world, nobody)
        with pytest.raises(ZeroDivisionError):
            suite.run(jobs=jobs)
        assert suite.cancelled
        assert lab.engine.left == ()


def test_kept_machines_of_every_case_stay() -> None:
    with bench() as lab:
        Suite(CASES, lab.world, nobody).run(jobs=2, keep=True)
        assert len(lab.engine.left) == 6


def test_machines_are_stood_up_and_a_stop_undoes_those_begun() -> None:
    with bench() as lab:
        Suite(CASES[:1], lab.world, nobody).up()
        assert len(lab.engine.left) == 2

        def listen(event: Progress) -> None:
            if isinstance(event, CaseBegan):
                suite.cancel()

        suite = Suite(CASES[1:2], lab.world, listen)
        with pytest.raises(CancelledRun):
            suite.up()
        assert len(lab.engine.left) == 2
