"""Turns at networks: how many are let through at a time, by which engine."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.engine.turns import COUNTS_WELL, Turns

OLD = (1, 41)
PATIENCE = 10  # seconds


def inside(turns: Turns, visits: list[tuple[str, ...]], expected: int) -> int:
    """How many of those that come at once are let in before anybody leaves; then all leave."""
    entered, leave = threading.Semaphore(0), threading.Event()

    def visit(networks: tuple[str, ...]) -> None:
        with turns.taken(networks):
            entered.release()
            assert leave.wait(PATIENCE)

    with ThreadPoolExecutor(len(visits)) as pool:
        done = [pool.submit(visit, networks) for networks in visits]
        for _ in range(expected):
            assert entered.acquire(timeout=PATIENCE)
        more = entered.acquire(timeout=0.05)
        leave.set()
        for each in done:
            each.result(PATIENCE)
    return expected + more


def test_an_old_engine_has_two_at_a_network_at_a_time() -> None:
    assert inside(Turns(OLD), [("lan",)] * 5, 2) == 2


def test_networks_do_not_wait_for_each_other() -> None:
    assert inside(Turns(OLD), [("lan",), ("lan",), ("wan",), ("wan",), ()], 5) == 5


def test_an_engine_that_counts_well_has_any_number() -> None:
    assert inside(Turns(COUNTS_WELL), [("lan",)] * 5, 5) == 5


def test_those_on_several_networks_never_wait_in_a_circle() -> None:
    turns = Turns(OLD)
    ways = [("a", "b"), ("b", "a")] * 50

    def visit(networks: tuple[str, ...]) -> None:
        with turns.taken(networks):
            pass

    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(visit, way) for way in ways]:
            each.result(PATIENCE)


def test_a_turn_ends_with_an_exception() -> None:
    turns = Turns(OLD)
    for _ in range(3):
        with pytest.raises(RuntimeError), turns.taken(("lan",)):
            raise RuntimeError
    turns.forget("lan")
    assert inside(turns, [("lan",)] * 3, 2) == 2
