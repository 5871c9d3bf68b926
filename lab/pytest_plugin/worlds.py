"""What a pytest session's scenarios run with: opened by the first that needs it, kept to the end.

Law: one engine, agent and pool for all scenarios of a project; what could not be opened once is
not tried again, so that hundreds of cases do not wait for the same hanging engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from lab.agent import open_agent
from lab.allocation import chosen_pools
from lab.cleaning.watchdog import watched
from lab.engine import open_engine
from lab.errors import LabError
from lab.executor.names import agent_labels
from lab.runner import MonotonicClock, World

Say = Callable[[str], None]
Opener = Callable[[str | None, Path | None, Say], AbstractContextManager[World]]
"""Given an engine's URL, the folder of services and who is told of what takes long."""

_ENGINE_CALLS = 8  # at a time


@contextmanager
def opened(engine: str | None, services: Path | None, say: Say) -> Iterator[World]:
    """An engine, with the lab's image on it, and an agent. Raises LabError."""
    pools = chosen_pools(os.environ)
    with closing(open_engine(engine, services=services, report=say, machines=True)) as docker:
        docker.image(None)
        with (
            watched(docker) as journal,
            closing(open_agent(docker, agent_labels(), traces=True)) as agent,
            ThreadPoolExecutor(_ENGINE_CALLS, "engine") as pool,
        ):
            yield World(docker, agent, pool, MonotonicClock(), pools, journal.spare)


class Worlds:
    """The worlds of a session, by the folder of services their nodes have."""

    def __init__(self, engine: str | None, say: Say, opener: Opener = opened) -> None:
        self._engine, self._say, self._opener = engine, say, opener
        self._open: dict[Path | None, World] = {}
        self._refused: dict[Path | None, LabError] = {}
        self._stack = ExitStack()

    def of(self, services: Path | None) -> World:
        """The one for these services; None: for nodes of images alone. Raises LabError."""
        if services in self._refused:
            refused = self._refused[services]
            raise type(refused)(refused.what, help=refused.help)
        if services not in self._open:
            try:
                opening = self._opener(self._engine, services, self._say)
                self._open[services] = self._stack.enter_context(opening)
            except LabError as error:
                self._refused[services] = error
                raise
        return self._open[services]

    def close(self) -> None:
        """Give everything back."""
        self._open.clear()
        self._stack.close()
