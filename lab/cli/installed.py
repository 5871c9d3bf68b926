"""The parts of the lab as they are installed, put together for the command line.

Law: each method imports what it needs when it is called, and nothing before.
"""

# ruff: noqa: PLC0415 - see the law
from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.cli.parts import (
    BuildOptions,
    Connection,
    EngineChoice,
    ImageState,
    Outcome,
    RunOptions,
    Say,
    View,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lab.agent.child import ChildAgent
    from lab.engine.docker_engine import DockerEngine
    from lab.model import Scenario
    from lab.ports import Abilities, Agent, Leftover
    from lab.result import Keep


class DockerConnection(Connection, frozen=True):
    """A connection with all that this engine can do."""

    docker: DockerEngine
    services: Path
    agent: ChildAgent | None


class InstalledParts:
    """See Parts."""

    def load(
        self, path: Path, root: Path, use: Mapping[str, str], *, accepting: bool = False
    ) -> tuple[Scenario, ...]:
        """See Parts."""
        from lab.catalog import Catalog
        from lab.loader import load

        return load(path, Catalog(root / "services"), use, accepting=accepting)

    def plan(self, case: Scenario, abilities: Abilities) -> Sequence[str]:
        """See Parts."""
        from lab.plan import plan

        planned = plan(case, abilities)
        return [str(each) for each in (*planned.deployment, *planned.timeline, *planned.removal)]

    def kinds(self) -> Mapping[str, str]:
        """See Parts."""
        from lab.loader.manual import pages

        return {word: page.text for word, page in pages().items()}

    def schema(self) -> Mapping[str, object]:
        """See Parts."""
        from lab.loader import schema

        return schema()

    @contextmanager
    def connect(self, choice: EngineChoice, say: Say) -> Iterator[Connection]:
        """See Parts."""
        with self._readiness(choice) as agent:
            from lab.cli.engines import opened
            from lab.engine.stock import OWN_SERVICES
            from lab.owner import keeper

            engine = opened(choice, say)
            services, whom = choice.services or OWN_SERVICES, keeper(choice.services)
            try:
                yield DockerConnection(engine, engine.url, whom, engine, services, agent)
            finally:
                engine.close()

    @contextmanager
    def _readiness(self, choice: EngineChoice) -> Iterator[ChildAgent | None]:
        """An agent that is starting up, and what runs need imported before an engine waits."""
        if not choice.machines:
            yield None
            return
        from lab.agent import early_agent

        agent = early_agent()
        try:
            importlib.import_module("lab.cli.suites")
            yield agent
        finally:
            if agent is not None:
                agent.close()

    def run(
        self,
        cases: Sequence[Scenario],
        connection: Connection,
        options: RunOptions,
        view: View,
    ) -> Outcome:
        """See Parts."""
        from lab.cli.stopping import stopped_by_signals
        from lab.cli.suites import Plan, engine_key
        from lab.runner import MonotonicClock
        from lab.suite import Suite
        from lab.verdict import Verdict

        # Here and not on the way: whoever waits for a build can stop it at once.
        connection.engine.image(None)
        gc.freeze()  # what is there by now stays
        gc.enable()
        plan = Plan(cases, options)
        gate = plan.gate(connection, MonotonicClock())
        with (
            stopped_by_signals(view.say) as brake,
            self._world(connection, plan.pool(gate), cases, options.packets) as world,
            plan.spinning(),
        ):
            suite = Suite(cases, world, view, plan.prepare, plan.remains)
            brake.stops(suite.cancel)
            results = suite.run(agenda=plan.agenda(), gate=gate, keep=options.keep)
        if not suite.cancelled and all(each.verdict is not Verdict.ERROR for each in results):
            _sweep(connection, view)
        levels = {} if gate.found is None else {engine_key(connection): gate.found}
        return Outcome(results, suite.cancelled, levels)

    @contextmanager
    def _world(
        self,
        connection: Connection,
        threads: Executor,
        cases: Sequence[Scenario],
        packets: Keep,
    ) -> Iterator[Any]:
        from lab.allocation import chosen_pools
        from lab.cleaning.watchdog import watched
        from lab.runner import MonotonicClock, World

        pools = chosen_pools(os.environ)
        with (
            watched(_docker(connection)) as journal,
            closing(self._agent(connection, cases)) as agent,
            threads as pool,
        ):
            clock = MonotonicClock()
            spare, whom = journal.spare, connection.keeper
            yield World(connection.engine, agent, pool, clock, pools, spare, whom, packets)

    def _agent(self, connection: Connection, cases: Sequence[Scenario]) -> Agent:
        from lab.agent import open_agent
        from lab.executor.names import agent_labels

        installed = _installed(connection)
        traces = any(node.traced for case in cases for node in case.topology.nodes)
        return open_agent(installed.docker, agent_labels(), installed.agent, traces=traces)

    def up(self, case: Scenario, connection: Connection, view: View) -> None:
        """See Parts."""
        from concurrent.futures import ThreadPoolExecutor

        from lab.cli.stopping import stopped_by_signals
        from lab.cli.suites import THREADS
        from lab.executor.loop import CancelledRun
        from lab.suite import Suite

        connection.engine.image(None)
        threads = ThreadPoolExecutor(THREADS, "engine")
        with (
            stopped_by_signals(view.say) as brake,
            self._world(connection, threads, [case], RunOptions().packets) as world,
        ):
            suite = Suite([case], world, view)
            brake.stops(suite.cancel)
            try:
                suite.up()
            except CancelledRun:
                raise KeyboardInterrupt from None
        _sweep(connection, view)

    def output(self, connection: Connection, name: str, *, follow: bool) -> Iterator[bytes]:
        """See Parts."""
        from lab.engine.output import output

        return output(_docker(connection), name, follow=follow)

    def interact(self, connection: Connection, node: str, argv: Sequence[str]) -> int:
        """See Parts."""
        from lab.engine.shell import interact

        return interact(_docker(connection), node, argv)

    def agent(self, connection: Connection) -> str:
        """See Parts."""
        from lab.cleaning.watchdog import watched

        with watched(_docker(connection)), closing(self._agent(connection, ())) as agent:
            number = len(agent.routes())
        return f"works ({number} routes of the engine's host seen)"

    def images(self, connection: Connection) -> tuple[Leftover, ...]:
        """See Parts."""
        from lab.engine.images import made

        return made(_docker(connection).clients.mine())

    def image(self, connection: Connection) -> ImageState:
        """See Parts."""
        from lab.engine.images import state
        from lab.image.recipe import read

        installed = _installed(connection)
        found = state(installed.docker.clients.mine(), read(installed.services))
        return ImageState(found.reference, found.present, found.base)

    def build(self, connection: Connection, options: BuildOptions, say: Say) -> str:
        """See Parts."""
        from lab.engine.bases import pass_on
        from lab.engine.images import ensure, state
        from lab.image.recipe import read

        installed = _installed(connection)
        client, recipe = installed.docker.clients.mine(), read(installed.services)
        if options.source is not None:
            pass_on(_docker(options.source).clients.mine(), client)
        ensure(client, recipe, say, options.base, force=options.force)
        return state(client, recipe).reference


def _sweep(connection: Connection, view: View) -> None:
    """Remove what dead runs have left, which is said."""
    from lab.cleaning.sweep import sweep
    from lab.report.words import counted

    number = sweep(connection.engine)
    if number:
        view.say(f"lab: removed {counted(number, 'thing')} that dead runs had left")


def _docker(connection: Connection) -> DockerEngine:
    return _installed(connection).docker


def _installed(connection: Connection) -> DockerConnection:
    """The connection as connect() gave it."""
    if not isinstance(connection, DockerConnection):
        raise TypeError(f"no connection of these parts: {connection!r}")
    return connection
