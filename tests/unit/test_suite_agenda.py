"""Which runs come, in which order, and after which none does."""

from __future__ import annotations

import pytest

from lab.suite import Agenda, Turn
from lab.verdict import Verdict


def taken(agenda: Agenda, most: int = 50, verdict: Verdict = Verdict.PASS) -> list[Turn]:
    turns: list[Turn] = []
    while agenda.head is not None and len(turns) < most:
        turns.append(agenda.take())
        agenda.ended(turns[-1], verdict)
    return turns


def test_each_case_once_in_the_order_asked_for() -> None:
    assert taken(Agenda([2, 0, 1])) == [Turn(2), Turn(0), Turn(1)]


def test_repeats_come_in_rounds_and_are_numbered() -> None:
    assert taken(Agenda([1, 0], 2)) == [Turn(1, 1), Turn(0, 1), Turn(1, 2), Turn(0, 2)]


def test_without_end() -> None:
    assert [turn.repeat for turn in taken(Agenda([0], None))] == list(range(1, 51))


@pytest.mark.parametrize("rounds", [3, None])
def test_a_skipped_case_is_not_run_again(rounds: int | None) -> None:
    assert len(taken(Agenda([0, 1, 2], rounds), verdict=Verdict.SKIP)) == 3


def test_a_case_skipped_while_its_next_turn_is_at_the_head_is_not_run_again() -> None:
    agenda = Agenda([0], 3)
    agenda.ended(agenda.take(), Verdict.SKIP)
    assert agenda.head is None


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR])
def test_fail_fast_begins_nothing_after_one_that_did_not_pass(verdict: Verdict) -> None:
    assert len(taken(Agenda([0, 1, 2], fail_fast=True), verdict=verdict)) == 1
    assert len(taken(Agenda([0, 1, 2]), verdict=verdict)) == 3


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.SKIP])
def test_fail_fast_stops_for_nothing_else(verdict: Verdict) -> None:
    assert len(taken(Agenda([0, 1, 2], fail_fast=True), verdict=verdict)) == 3


def test_what_is_not_there_cannot_be_taken() -> None:
    with pytest.raises(IndexError):
        Agenda([]).take()


def test_single_is_one_run_in_all() -> None:
    assert Agenda([0]).single
    assert not Agenda([0], 2).single
    assert not Agenda([0, 1]).single
    assert not Agenda([0], None).single
