"""Carries operations out in the order their `after` demands, as many at once as the pool takes.

Law: knows nothing of what an operation does. After the first failure nothing more is begun,
what was begun is waited for, then the failure is raised. An operation costs the same however
many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future

from lab.executor.loop import Loop
from lab.plan import Operation


class Graph:
    """One walk over a graph of operations."""

    def __init__(self, loop: Loop, pool: Executor, perform: Callable[[Operation], None]) -> None:
        self._loop = loop
        self._pool = pool
        self._perform = perform
        self._waiting: dict[int, Operation] = {}
        self._before: dict[int, int] = {}  # of each: how many it still comes after
        self._behind: dict[int, list[int]] = {}  # those that come after each
        self._flying: dict[int, Future[None]] = {}
        self._failure: BaseException | None = None

    def walk(self, operations: Iterable[Operation], deadline: float) -> bool:
        """Carry them all out; whether that was done by the deadline.

        Raises the first failure, or CancelledRun (see settle() for what is still going on).
        """
        self._take(tuple(operations))
        self._begin(tuple(number for number, open_ones in self._before.items() if not open_ones))
        done = self._loop.until(lambda: not self._flying and not self._waiting, deadline)
        if done and self._failure is not None:
            raise self._failure
        return done

    def _take(self, listed: tuple[Operation, ...]) -> None:
        self._waiting = {operation.number: operation for operation in listed}
        self._behind = {number: [] for number in self._waiting}
        self._before = dict.fromkeys(self._waiting, 0)
        for operation in listed:
            for number in {*operation.after} & self._waiting.keys():
                self._behind[number].append(operation.number)
                self._before[operation.number] += 1

    def settle(self, deadline: float) -> bool:
        """Begin nothing more, wait for what is going on; whether all of it ended in time."""
        self._stop()
        return self._loop.until(lambda: not self._flying, deadline)

    def _stop(self) -> None:
        self._waiting.clear()
        for future in tuple(self._flying.values()):
            future.cancel()  # one that no thread has taken up yet

    def _begin(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            operation = self._waiting.pop(number)
            future = self._pool.submit(self._perform, operation)
            self._flying[operation.number] = future
            future.add_done_callback(
                lambda future, number=operation.number: self._loop.post(  # type: ignore[misc]
                    lambda: self._landed(number, future)
                )
            )

    def _landed(self, number: int, future: Future[None]) -> None:
        self._flying.pop(number, None)
        failure = None if future.cancelled() else future.exception()
        if failure is not None and self._failure is None:
            self._failure = failure
            self._stop()
        behind = self._behind[number]
        for later in behind:
            self._before[later] -= 1
        self._begin(n for n in behind if n in self._waiting and not self._before[n])
