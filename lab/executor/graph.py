"""Carries operations out in the order their `after` demands, as many at once as the pool takes.

Law: knows nothing of what an operation does. After the first failure nothing more is begun,
what was begun is waited for, then the failure is raised.
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
        self._waiting: dict[int, tuple[Operation, set[int]]] = {}
        self._flying: dict[int, Future[None]] = {}
        self._failure: BaseException | None = None

    def walk(self, operations: Iterable[Operation], deadline: float) -> bool:
        """Carry them all out; whether that was done by the deadline.

        Raises the first failure, or CancelledRun (see settle() for what is still going on).
        """
        listed = tuple(operations)
        known = {operation.number for operation in listed}
        self._waiting = {o.number: (o, set(o.after) & known) for o in listed}
        self._begin_ready()
        done = self._loop.until(lambda: not self._flying and self._over(), deadline)
        if done and self._failure is not None:
            raise self._failure
        return done

    def settle(self, deadline: float) -> bool:
        """Begin nothing more, wait for what is going on; whether all of it ended in time."""
        self._waiting.clear()
        return self._loop.until(lambda: not self._flying, deadline)

    def _over(self) -> bool:
        return self._failure is not None or not self._waiting

    def _begin_ready(self) -> None:
        if self._failure is not None:
            return
        ready = [o for o, after in self._waiting.values() if not after]
        for operation in ready:
            del self._waiting[operation.number]
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
        self._failure = self._failure or failure
        for _, after in self._waiting.values():
            after.discard(number)
        self._begin_ready()
