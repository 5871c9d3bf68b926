"""How many cases at a time: engines that are good at one level or another, and what is found."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from lab.suite.parallelism import LADDER, Search, fixed, searching

Rate = Callable[[int], float]


def saturating(most: int) -> Rate:
    """Gets more done with each case, up to so many."""
    return lambda level: float(min(level, most))


def collapsing(most: int) -> Rate:
    """The same, and less and less beyond."""
    return lambda level: level if level <= most else most / (level - most + 1)


def old_engine(level: int) -> float:
    """Engine 20.10 on two cores: 1.28 s, 0.90 s, 0.75 s a case with one, three, six at a time."""
    return 1 / (0.66 + 0.62 / level)


def run(search: Search, rate: Rate, cases: int, noise: float = 0.0) -> list[int]:
    """The level after each of so many cases, each of them 1.0 of work."""
    chance, now, levels = random.Random(1), search.began, []
    for _ in range(cases):
        now += (1 + chance.uniform(-noise, noise)) / rate(search.level)
        search = search.after(1.0, now)
        levels.append(search.level)
    return levels


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        (saturating(1), 2),
        (saturating(2), 2),
        (saturating(3), 3),
        (saturating(5), 5),
        (saturating(100), 5),
        (collapsing(2), 2),
        (collapsing(3), 3),
        (old_engine, 5),
    ],
)
def test_the_level_with_most_done_is_found_and_no_higher_one(rate: Rate, wanted: int) -> None:
    levels = run(searching(2, 0.0), rate, 300)
    assert levels.count(wanted) > 150
    assert set(levels) <= {n for n in LADDER if 2 <= n <= 5}


def test_thirty_cases_lose_little_to_the_search() -> None:
    search = searching(2, 0.0)
    levels = [search.level, *run(search, old_engine, 34)[:-1]]
    took = sum(1 / old_engine(level) for level in levels)
    assert took < 1.04 * len(levels) / old_engine(5)


def test_what_was_found_stays_found_while_it_is_measured_anew() -> None:
    search, now = searching(2, 0.0), 0.0
    found = set()
    for number in range(300):
        now += 1 / old_engine(search.level)
        search = search.after(1.0, now)
        if number > 20:
            found.add(search.found)
    assert found == {5}


@pytest.mark.parametrize("rate", [saturating(2), saturating(3), old_engine, collapsing(3)])
def test_noise_costs_little(rate: Rate) -> None:
    levels = run(searching(2, 0.0), rate, 400, noise=0.3)
    reached = sum(rate(level) for level in levels) / len(levels)
    assert reached > 0.85 * max(rate(level) for level in LADDER[1:4])


def test_what_was_best_the_last_time_is_where_it_begins_and_no_trap() -> None:
    assert searching(2, 0.0, known=5).level == 5
    assert searching(2, 0.0, known=1000).level == 5
    assert searching(2, 0.0, known=1).level == 2
    levels = run(searching(2, 0.0, known=5), collapsing(2), 200)
    assert levels.count(2) > 100


@pytest.mark.parametrize(("cpus", "first", "most"), [(1, 2, 3), (2, 3, 5), (4, 5, 8), (64, 5, 55)])
def test_it_begins_above_the_cpus_and_stays_within_what_they_bear(
    cpus: int, first: int, most: int
) -> None:
    search = searching(cpus, 0.0)
    assert (search.level, search.most) == (first, most)
    assert max(run(search, saturating(1000), 3000)) == most


def test_an_engine_that_becomes_faster_is_measured_again() -> None:
    search = searching(2, 0.0)
    now = 0.0
    for _ in range(100):
        now += 1 / min(search.level, 2)
        search = search.after(1.0, now)
    assert search.best == 2
    for _ in range(300):
        now += 1 / search.level
        search = search.after(1.0, now)
    assert search.best == 5


def test_nothing_is_found_out_of_one_level() -> None:
    search = searching(2, 0.0)
    for moment in range(1, 6):
        search = search.after(1.0, float(moment))
    assert search.found is None
    assert search.level == 3


def test_a_fixed_level_stays() -> None:
    assert set(run(fixed(3, 0.0), saturating(50), 100)) == {3}


def test_a_clock_that_stands_still_is_borne() -> None:
    search = searching(2, 0.0)
    for _ in range(50):
        search = search.after(1.0, 0.0)
    assert search.level == 3
