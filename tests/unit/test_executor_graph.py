"""The graph: order is kept, failure stops what has not begun, what was begun is waited for."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab.executor.graph import Graph
from lab.executor.loop import CancelledRun, Loop
from lab.plan import Operation
from lab.runner import MonotonicClock
from lab.source import Span

HERE = Span(Path("x.yaml"), 1, 1, 1, 2)


def operation(number: int, *after: int) -> Operation:
    return Operation(number, after, HERE)


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop(MonotonicClock()) as loop:
        yield loop


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def soon(loop: Loop) -> float:
    return loop.clock.now() + 30.0


def meet(barrier: threading.Barrier) -> None:
    barrier.wait()


def wait_for(event: threading.Event) -> None:
    event.wait(20)


def test_every_operation_comes_after_those_it_names(loop: Loop, pool: ThreadPoolExecutor) -> None:
    done: list[int] = []
    graph = Graph(loop, pool, lambda each: done.append(each.number))
    assert graph.walk(
        [operation(1), operation(2, 1), operation(3, 1), operation(4, 2, 3)], soon(loop)
    )
    assert sorted(done) == [1, 2, 3, 4]
    assert (done[0], done[-1]) == (1, 4)


def test_operations_that_wait_for_nothing_run_at_the_same_time(
    loop: Loop, pool: ThreadPoolExecutor
) -> None:
    together = threading.Barrier(3, timeout=20)
    graph = Graph(loop, pool, lambda _: meet(together))
    assert graph.walk([operation(1), operation(2), operation(3)], soon(loop))


def test_after_a_failure_nothing_more_is_begun(loop: Loop, pool: ThreadPoolExecutor) -> None:
    done: list[int] = []

    def perform(each: Operation) -> None:
        if each.number == 1:
            raise ValueError("the first fails")
        done.append(each.number)

    graph = Graph(loop, pool, perform)
    with pytest.raises(ValueError, match="the first fails"):
        graph.walk([operation(1), operation(2, 1)], soon(loop))
    assert done == []


def test_what_was_begun_is_waited_for_before_the_failure_is_raised(
    loop: Loop, pool: ThreadPoolExecutor
) -> None:
    begun, failed = threading.Event(), threading.Event()
    done: list[int] = []

    def perform(each: Operation) -> None:
        if each.number == 1:
            begun.wait(20)
            failed.set()
            raise ValueError("the first fails")
        begun.set()
        failed.wait(20)
        done.append(each.number)

    graph = Graph(loop, pool, perform)
    with pytest.raises(ValueError, match="the first fails"):
        graph.walk([operation(1), operation(2)], soon(loop))
    assert done == [2]


def test_what_no_thread_has_taken_up_is_never_begun(loop: Loop) -> None:
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        graph = Graph(loop, pool, lambda each: done.append(each.number))
        reached = threading.Event()
        pool.submit(reached.wait, 20)
        loop.cancel()
        with pytest.raises(CancelledRun):
            graph.walk([operation(number) for number in range(1, 401)], soon(loop))
        with loop.shielded():
            assert graph.settle(soon(loop))
        reached.set()
    assert done == []


class Counted(tuple[int, ...]):
    """What an operation comes after; counts how often that is gone through."""

    times = 0

    def __iter__(self) -> Iterator[int]:
        type(self).times += 1
        return super().__iter__()


def test_a_landing_looks_at_nothing_but_what_comes_after_it(
    loop: Loop, pool: ThreadPoolExecutor
) -> None:
    Counted.times = 0
    graph = Graph(loop, pool, lambda _: None)
    line = [Operation(number, Counted((number - 1,)), HERE) for number in range(1, 301)]
    assert graph.walk(line, soon(loop))
    assert Counted.times == len(line)


def test_a_deadline_leaves_what_goes_on_to_settle(loop: Loop, pool: ThreadPoolExecutor) -> None:
    may_end = threading.Event()
    graph = Graph(loop, pool, lambda _: wait_for(may_end))
    assert not graph.walk([operation(1), operation(2, 1)], loop.clock.now())
    may_end.set()
    assert graph.settle(soon(loop))


def test_an_empty_graph_is_done(loop: Loop, pool: ThreadPoolExecutor) -> None:
    assert Graph(loop, pool, lambda _: None).walk([], loop.clock.now())
