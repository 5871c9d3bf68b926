"""When another case may begin: places, removals behind, memory."""

from __future__ import annotations

import pytest

from lab.suite import Gate, fixed, searching
from lab.suite.gate import memory
from tests.unit.cases import alone, case

SMALL = alone("sleep")  # one node: 256 MB
LARGE = case(
    "intent: it must\n"
    "networks: {lan: {family: ipv6}}\n"
    "nodes: {a: {image: any, args: [echo], networks: [lan], count: 4}}\n"
)
MB = 1024 * 1024


class Clock:
    """Stands where it is put."""

    time = 0.0

    def now(self) -> float:
        return self.time


def test_as_many_as_there_are_places() -> None:
    gate = Gate.of(2, Clock())
    gate.began(SMALL)
    assert gate.admits(SMALL)
    gate.began(SMALL)
    assert not gate.admits(SMALL)


def test_a_place_is_free_at_the_verdict() -> None:
    gate = Gate.of(1, Clock())
    gate.began(SMALL)
    assert not gate.admits(SMALL)
    gate.judged(SMALL)
    assert gate.admits(SMALL)


def test_no_more_removals_are_behind_than_cases_may_run() -> None:
    gate = Gate.of(1, Clock())
    for _ in range(2):
        gate.began(SMALL)
        gate.judged(SMALL)
    assert not gate.admits(SMALL)
    gate.over(SMALL, judged=True)
    assert gate.admits(SMALL)


def test_what_is_under_way_at_once_never_exceeds_most() -> None:
    gate = Gate.of(3, Clock())
    running, behind = 0, 0
    for step in range(100):
        while gate.admits(SMALL):
            gate.began(SMALL)
            running += 1
        assert running + behind <= gate.most
        if running and step % 3:
            gate.judged(SMALL)
            running, behind = running - 1, behind + 1
        elif behind:
            gate.over(SMALL, judged=True)
            behind -= 1


def test_a_case_that_was_stopped_leaves_its_place() -> None:
    gate = Gate.of(1, Clock())
    gate.began(SMALL)
    gate.over(SMALL, judged=False)
    assert gate.admits(SMALL)


def test_memory_is_taken_until_a_case_is_removed() -> None:
    assert (memory(SMALL), memory(LARGE)) == (256 * MB, 1024 * MB)
    gate = Gate(fixed(9, 0.0), Clock(), memory=1300 * MB)
    gate.began(LARGE)
    assert gate.admits(SMALL)
    gate.began(SMALL)
    assert not gate.admits(SMALL)
    gate.judged(LARGE)
    assert not gate.admits(SMALL)
    gate.over(LARGE, judged=True)
    assert gate.admits(SMALL)


def test_a_case_that_needs_more_than_there_is_runs_alone() -> None:
    gate = Gate(fixed(9, 0.0), Clock(), memory=100 * MB)
    assert gate.admits(LARGE)
    gate.began(LARGE)
    assert not gate.admits(SMALL)


@pytest.mark.parametrize(("together", "measured"), [(1, False), (9, True)])
def test_a_level_is_measured_only_while_it_is_in_full_use(together: int, measured: bool) -> None:
    clock = Clock()
    gate = Gate(searching(2, 0.0), clock)
    running = 0
    for _ in range(50):
        while running < together and gate.admits(SMALL):
            gate.began(SMALL)
            running += 1
        clock.time += 1
        gate.judged(SMALL)
        gate.over(SMALL, judged=True)
        running -= 1
    assert (gate.found is not None) is measured


def test_what_comes_before_the_first_case_is_not_measured() -> None:
    clock = Clock()
    gates = [Gate(searching(2, 0.0), clock), Gate(searching(2, 0.0), clock)]
    found = []
    for gate, late in zip(gates, (0.0, 1000.0), strict=True):
        clock.time = late  # the agent was slow to start
        running = 0
        for _ in range(50):
            while gate.admits(SMALL):
                gate.began(SMALL)
                running += 1
            clock.time += 1 / min(running, 2)  # two are as good as any
            gate.judged(SMALL)
            gate.over(SMALL, judged=True)
            running -= 1
        found.append(gate.found)
    assert found == [2, 2]
