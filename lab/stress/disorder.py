"""Threads that begin the calls they are given in another order.

Law: every call is made, once; which of those that wait comes next is chance, from a seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DisorderlyPool(Executor):
    """A thread pool; when a thread is free, any of the calls that wait may be the next."""

    def __init__(self, threads: int, seed: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "engine")
        self._chance = random.Random(seed)
        self._waiting: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See Executor."""
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append(partial(_made, future, partial(fn, *args, **kwargs)))
        self._threads.submit(self._any)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See Executor."""
        if cancel_futures:
            raise NotImplementedError("a run waits for what it has begun")
        self._threads.shutdown(wait)

    def _any(self) -> None:
        with self._lock:
            call = self._waiting.pop(self._chance.randrange(len(self._waiting)))
        call()


def _made(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whoever waits for the result is told
        future.set_exception(error)
    else:
        future.set_result(result)
