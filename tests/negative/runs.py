"""An engine with all that runs of wrong programs take: an agent, the programs as an image, a pool.

Law: what is made on the engine is gone when the context ends.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from lab.engine.docker_engine import DockerEngine
from lab.model import Scenario
from lab.owner import marks
from lab.result import ScenarioResult
from lab.runner import World
from lab.suite import Suite
from tests.engines import opened, world_on
from tests.negative import images

AT_ONCE = 4


@dataclass(frozen=True)
class Runs:
    """One engine, by whichever name it was chosen, with everything it takes; `image` holds the
    wrong programs."""

    choice: str | None
    engine: DockerEngine
    world: World
    image: str
    begun: dict[str, Future[ScenarioResult]]
    pool: ThreadPoolExecutor

    def begin(self, key: str, case: Scenario) -> Future[ScenarioResult]:
        """Run a case beside others; a key that has begun is not run again."""
        if key not in self.begun:
            self.begun[key] = self.pool.submit(self.run, case)
        return self.begun[key]

    def run(self, case: Scenario) -> ScenarioResult:
        """Run a case by itself."""
        [result] = Suite([case], self.world, lambda _: None).run()
        return result


@contextmanager
def runs_on(choice: str | None) -> Iterator[Runs]:
    """An engine of this machine; nothing of this process may be left on it afterwards."""
    token = secrets.token_hex(4)
    with opened(choice) as engine:
        client, own = engine.clients.mine(), engine.image(None).reference
        try:
            image = images.build(client, own, token)
            engine.image(image)  # once, before many ask for it
            with world_on(engine) as world, ThreadPoolExecutor(AT_ONCE, "wrong") as pool:
                yield Runs(choice, engine, world, image, {}, pool)
        finally:
            images.remove(client, token)
        assert engine.find(marks(os.getpid())) == ()
