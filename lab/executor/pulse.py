"""Whether the engine answers at all, asked beside a run that waits for something else.

Law: nobody waits for the answer; it turns the loop when it comes, and a silence is remembered.
"""

from __future__ import annotations

from concurrent.futures import Executor

from lab.executor.loop import Loop
from lab.ports import Engine


class Pulse:
    """Of one engine, for one run."""

    def __init__(self, loop: Loop, pool: Executor, engine: Engine) -> None:
        self._loop = loop
        self._pool = pool
        self._engine = engine
        self._silent = False

    @property
    def silent(self) -> bool:
        """Whether it was asked and did not answer."""
        return self._silent

    def feel(self) -> None:
        """Have it asked; returns at once."""
        self._pool.submit(self._ask)

    def _ask(self) -> None:
        answers = self._engine.answers()
        self._loop.post(lambda: self._felt(answers=answers))

    def _felt(self, *, answers: bool) -> None:
        self._silent = not answers
