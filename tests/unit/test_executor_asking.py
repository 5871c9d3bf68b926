"""A holder that does not answer is waited for, unless the engine itself answers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from lab.errors import EngineError
from lab.executor import asking
from lab.executor.loop import Loop
from lab.executor.pulse import Pulse
from lab.runner import MonotonicClock
from tests.fakes.engine import FakeEngine

HOUR = 3600.0


def machine(answered: int) -> Any:
    """One whose holder has answered so many pings, of which the next is the first."""
    return SimpleNamespace(
        node=SimpleNamespace(name="a"), ping=lambda: 1, answered=answered, over=lambda: False
    )


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop(MonotonicClock()) as loop:
        yield loop


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def pulse(loop: Loop, engine: FakeEngine) -> Iterator[Pulse]:
    with ThreadPoolExecutor(1) as pool:
        yield Pulse(loop, pool, engine)


def test_who_has_answered_is_not_waited_for(loop: Loop, pulse: Pulse) -> None:
    asking.ask(loop, pulse, [machine(1)])
    assert not pulse.silent


def test_where_the_engine_is_silent_nobody_is_waited_for_to_the_end(
    loop: Loop, pulse: Pulse, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.silent = True
    monkeypatch.setattr(asking, "_DOUBT", 0.0)
    monkeypatch.setattr(asking, "_ANSWER_LIMIT", HOUR)
    with pytest.raises(EngineError, match="a did not hand over its output in 0 s"):
        asking.ask(loop, pulse, [machine(1), machine(0)])
    assert pulse.silent


def test_where_the_engine_answers_the_holder_has_all_the_time_there_is(
    loop: Loop, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_DOUBT", 0.0)
    monkeypatch.setattr(asking, "_ANSWER_LIMIT", 0.3)
    with pytest.raises(EngineError, match="a did not hand over"):
        asking.ask(loop, pulse, [machine(0)])
    assert not pulse.silent
