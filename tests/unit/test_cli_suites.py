"""Options and an engine, put together: order, places, memory, threads."""

from __future__ import annotations

from typing import Any

from lab.cli.parts import Connection, RunOptions
from lab.cli.suites import Plan, engine_key
from lab.ports import Capacity
from lab.stress import DisorderlyPool
from lab.suite import Agenda, Turn
from tests.fakes import FakeEngine
from tests.unit.cases import alone
from tests.unit.test_suite_gate import Clock

CASES = [alone("echo") for _ in range(3)]


class Roomy(FakeEngine):
    """Of another size."""

    size = Capacity(4, 2 * 1024**3)

    def capacity(self) -> Capacity:
        return self.size


def connection() -> Connection:
    return Connection(Roomy(), "unix:///x", "me")


def order(agenda: Agenda) -> list[int]:
    found = []
    while agenda.head is not None:
        found.append(agenda.take().case)
    return found


def agenda(**options: Any) -> list[int]:
    return order(Plan(CASES, RunOptions(**options)).agenda())


def test_the_longest_come_first_and_before_them_what_nobody_knows() -> None:
    assert agenda(jobs=None, seconds=(1.0, 3.0, 2.0)) == [1, 2, 0]
    assert agenda(jobs=2, seconds=(1.0, 3.0, None)) == [2, 1, 0]
    assert agenda(jobs=None, seconds=(None, None, None)) == [0, 1, 2]
    assert agenda(jobs=None) == [0, 1, 2]


def test_one_at_a_time_means_in_the_order_asked_for() -> None:
    assert agenda(jobs=1, seconds=(1.0, 3.0, 2.0)) == [0, 1, 2]


def test_a_seed_means_an_order_of_its_own() -> None:
    orders = [tuple(agenda(jobs=1, seed=seed)) for seed in range(20)]
    assert len(set(orders)) > 1
    assert orders[3] == tuple(agenda(jobs=None, seed=3, seconds=(1.0, 2.0, 3.0)))


def begun(plan: Plan) -> int:
    """How many of many cases may begin."""
    gate = plan.gate(connection(), Clock())
    for number in range(100):
        if not gate.admits(CASES[0]):
            return number
        gate.began(CASES[0])
    raise AssertionError


def test_as_many_as_were_asked_for() -> None:
    assert begun(Plan(CASES, RunOptions(jobs=9))) == 9
    assert begun(Plan(CASES, RunOptions(jobs=1))) == 1


def test_auto_begins_above_the_engines_cpus_or_with_what_was_found_before() -> None:
    assert begun(Plan(CASES, RunOptions(jobs=None))) == 5
    levels = {engine_key(connection()): 4, "another": 13}
    assert begun(Plan(CASES, RunOptions(jobs=None, levels=levels))) == 4


def test_auto_stays_within_the_engines_memory() -> None:
    levels = {engine_key(connection()): 13}
    assert begun(Plan(CASES, RunOptions(jobs=None, levels=levels))) == 7  # of 256 MB each


def test_for_one_case_the_engine_is_not_asked() -> None:
    found = connection()
    Plan(CASES[:1], RunOptions(jobs=None)).gate(found, Clock())
    Plan(CASES, RunOptions(jobs=3)).gate(found, Clock())
    assert isinstance(found.engine, FakeEngine)
    assert found.engine.calls == []


def test_nothing_is_disturbed_without_a_seed() -> None:
    plain, seeded = (Plan(CASES, RunOptions(seed=seed)) for seed in (None, 0))
    gate = plain.gate(connection(), Clock())
    assert plain.prepare(CASES[0], Turn(0)) is CASES[0]
    assert seeded.prepare(CASES[0], Turn(0)) != CASES[0]
    assert seeded.prepare(CASES[0], Turn(0, 1)) != seeded.prepare(CASES[0], Turn(0, 2))
    assert not isinstance(plain.pool(gate), DisorderlyPool)
    assert isinstance(seeded.pool(gate), DisorderlyPool)
