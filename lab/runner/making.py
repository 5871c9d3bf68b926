"""A case's machines: made, on other subnets where some turn out to be taken, and removed.

Law: there is at most one deployment at a time; the next begins when the last is removed.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.allocation import allocate
from lab.errors import EngineError
from lab.executor.deployment import Deployment
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.names import RunNames
from lab.executor.site import Site
from lab.model import Scenario
from lab.plan import Plan, plan, shadowed
from lab.ports import SubnetTakenError
from lab.result import NodeResult
from lab.runner.world import World
from lab.verdict import Judgement

_SUBNET_TRIES = 16


class Making:
    """Makes the machines of one case; `changed` is told of all that happens on them."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        loop: Loop,
        names: RunNames,
        changed: Callable[[Machine, int], None],
    ) -> None:
        self._scenario = scenario
        self._world = world
        self._loop = loop
        self._names = names
        self._changed = changed
        self._deployment: Deployment | None = None
        self._troubles: tuple[str, ...] = ()
        self.done = False  # every machine is up

    def make(self) -> Deployment:
        """The machines, held. Raises LabError, CancelledRun; what was begun is still there."""
        topology = self._scenario.topology
        abilities = self._world.engine.abilities()
        planned = plan(self._scenario, abilities)
        shadows = frozenset(n.name for n in topology.networks if shadowed(n, abilities))
        taken = self._world.agent.routes()
        for attempt in range(_SUBNET_TRIES):
            seed = f"{self._names.run}{attempt}"
            allocation = allocate(
                topology, self._world.pools, shadows=shadows, taken=taken, seed=seed
            )
            site = Site(
                self._world.engine,
                self._world.agent,
                self._loop,
                topology=topology,
                allocation=allocation,
                names=self._names,
                changed=self._changed,
            )
            deployment = self._attempt(planned, site)
            if deployment is not None:
                return deployment
            taken = (*taken, *site.refused)
        raise EngineError(
            f"no free subnet found in {_SUBNET_TRIES} tries",
            help="remove unused networks (docker network prune) or set LAB_SUBNETS to other pools",
        )

    def _attempt(self, planned: Plan, site: Site) -> Deployment | None:
        """The machines; None where a subnet is taken, with everything removed."""
        deployment = Deployment(planned, site, self._loop, self._world.pool, self._world.engine)
        self._deployment = deployment
        try:
            deployment.deploy()
        except SubnetTakenError:
            self.remove()
            return None
        self.done = True
        return deployment

    def remove(self, *, doubtful: bool = False) -> tuple[str, ...]:
        """Remove everything; what could not be, in sentences. `doubtful`: see Deployment."""
        if self._deployment is not None:
            self._troubles += self._deployment.remove(doubtful=doubtful)
            self._deployment = None
        return self._troubles

    def leave(self) -> None:
        """Let go of everything and leave it up."""
        if self._deployment is not None:
            self._deployment.leave()

    def casualties(self) -> tuple[Judgement, ...]:
        """ERROR for every node that went away by itself, with the engine's reason."""
        return () if self._deployment is None else self._deployment.casualties()

    def nodes(self) -> tuple[NodeResult, ...]:
        """What is known of each machine."""
        if self._deployment is None:
            return ()
        site = self._deployment.site
        return tuple(
            NodeResult(
                name, machine.record(), site.addresses(name), tuple(machine.visitors.items())
            )
            for name, machine in site.machines.items()
        )
