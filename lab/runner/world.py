"""What runs work with; shared by all of a suite."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor

from msgspec import Struct, field

from lab.allocation import Pools
from lab.ports import Agent, Clock, Engine
from lab.result import Keep
from lab.runner.networks import Networks


class MonotonicClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()


def _nobody(run: str) -> None:
    """Nobody cleans up after this process."""


class World(Struct, frozen=True):
    """An engine and an agent, threads to call them from, a clock, and where subnets come from.

    `spare` is told of each run whose things are to stay, before the lab lets go of them; `keeper`
    is for whom they do. `packets`: of which cases those are kept. `networks` are those that
    cases leave for others.
    """

    engine: Engine
    agent: Agent
    pool: Executor
    clock: Clock
    pools: Pools
    spare: Callable[[str], None] = _nobody
    keeper: str = "somebody"
    packets: Keep = Keep.ASKED
    networks: Networks = field(default_factory=Networks)
