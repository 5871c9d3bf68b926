"""The loop: checks first, events next, deadline last; other threads only post or cancel."""

import selectors
import socket
import threading
from collections.abc import Iterator

import pytest

from lab.executor.loop import CancelledRun, Loop
from lab.runner import MonotonicClock

LONG = 30.0  # seconds; a test that waits for it has failed


class SteppingClock:
    """Each look at it takes a second."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        self.time += 1.0
        return self.time


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop(MonotonicClock()) as loop:
        yield loop


def soon(loop: Loop) -> float:
    return loop.clock.now() + LONG


def test_a_check_that_holds_needs_no_time(loop: Loop) -> None:
    assert loop.until(lambda: True, deadline=0.0)


def test_a_deadline_that_is_over_ends_the_wait() -> None:
    with Loop(SteppingClock()) as loop:
        assert not loop.until(lambda: False, deadline=0.5)


def test_what_another_thread_posts_is_done_by_the_loops_own(loop: Loop) -> None:
    seen: list[int] = []
    thread = threading.Thread(target=lambda: loop.post(lambda: seen.append(threading.get_ident())))
    thread.start()
    assert loop.until(lambda: bool(seen), soon(loop))
    thread.join()
    assert seen == [threading.get_ident()]


def test_posts_are_done_in_order(loop: Loop) -> None:
    seen: list[int] = []
    for number in range(100):
        loop.post(lambda number=number: seen.append(number))  # type: ignore[misc]
    assert loop.until(lambda: len(seen) == 100, soon(loop))
    assert seen == list(range(100))


def test_a_watched_socket_calls_back(loop: Loop) -> None:
    near, far = socket.socketpair()
    seen: list[bytes] = []
    loop.watch(near, selectors.EVENT_READ, lambda: seen.append(near.recv(10)))
    far.send(b"x")
    assert loop.until(lambda: seen == [b"x"], soon(loop))
    loop.unwatch(near)
    far.send(b"y")
    loop.post(lambda: seen.append(b"posted"))
    assert loop.until(lambda: len(seen) > 1, soon(loop))
    assert seen == [b"x", b"posted"]
    near.close()
    far.close()


def test_cancel_from_another_thread_ends_a_wait(loop: Loop) -> None:
    thread = threading.Thread(target=loop.cancel)
    thread.start()
    with pytest.raises(CancelledRun):
        loop.until(lambda: False, soon(loop))
    thread.join()


def test_cancel_does_not_interrupt_a_shielded_wait(loop: Loop) -> None:
    loop.cancel()
    with loop.shielded():
        assert not loop.until(lambda: False, loop.clock.now())
    with pytest.raises(CancelledRun):
        loop.until(lambda: False, soon(loop))
