"""A case's machines: made, on other subnets where some turn out to be taken, and removed.

Law: there is at most one deployment at a time; the next begins when the last is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.allocation import Allocation, Kept, allocate
from lab.errors import EngineError
from lab.executor.deployment import Deployment
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.names import RunNames
from lab.executor.pulse import Pulse
from lab.executor.site import Site
from lab.model import Scenario
from lab.plan import Plan, plan, shadowed
from lab.ports import SubnetTakenError
from lab.result import LinkResult, NetworkResult, NodeResult
from lab.runner import bounds, room
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
        self._allocation: Allocation | None = None
        self._kept: Mapping[str, Kept] = {}
        self.done = False  # every machine is up

    def make(self) -> Deployment:
        """The machines, held. Raises LabError, CancelledRun; what was begun is still there."""
        nodes = self._scenario.topology.nodes
        bounds.check(nodes, self._world.engine)
        room.check(len(nodes), self._world.engine, self._world.agent)
        return self._make()

    def _make(self) -> Deployment:
        topology = self._scenario.topology
        abilities = self._world.engine.abilities()
        captured = self._world.packets.captures
        planned = plan(self._scenario, abilities, captured=captured)
        shadows = frozenset(n.name for n in topology.networks if shadowed(n, abilities))
        taken = self._world.agent.routes()
        networks = self._world.networks
        for attempt in range(_SUBNET_TRIES):
            seed = f"{self._names.run}{attempt}"
            self._kept = networks.lend(topology)
            allocation = self._allocation = allocate(
                topology,
                self._world.pools,
                shadows=shadows,
                taken=taken,
                seed=seed,
                kept=self._kept,
                roomy=networks.useful(topology),
            )
            site = Site(
                self._world.engine,
                self._world.agent,
                self._loop,
                Pulse(self._loop, self._world.pool, self._world.engine),
                scenario=self._scenario,
                allocation=allocation,
                names=self._names,
                changed=self._changed,
                kept=self._kept,
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

    def remove(self, *, doubtful: bool = False, passed: bool = False) -> tuple[str, ...]:
        """Remove everything; what could not be, in sentences. `doubtful`: see Deployment.

        `passed`: networks of which other cases have use stay.
        """
        if self._deployment is not None:
            useful = self._useful() if passed else {}
            site = self._deployment.site
            self._troubles += self._deployment.remove(doubtful=doubtful, but=frozenset(useful))
            self._world.networks.give_back(self._scenario.topology, useful, site.left)
            self._deployment = None
        return self._troubles

    def _useful(self) -> Mapping[str, Kept]:
        if self._deployment is None or self._allocation is None:
            return {}
        site, topology = self._deployment.site, self._scenario.topology
        return self._world.networks.expect(
            topology,
            self._allocation,
            self._kept,
            lambda name: (site.network_name(name), site.bridge(name)),
        )

    def leave(self) -> None:
        """Let go of everything and leave it up."""
        if self._deployment is not None:
            self._deployment.leave()

    def casualties(self) -> tuple[Judgement, ...]:
        """ERROR for every node that went away by itself, with the engine's reason."""
        return () if self._deployment is None else self._deployment.casualties()

    def machines(self) -> Mapping[str, Machine]:
        """Those there are, by the names of their nodes."""
        return {} if self._deployment is None else self._deployment.site.machines

    def nodes(self) -> tuple[NodeResult, ...]:
        """What is known of each machine."""
        if self._deployment is None:
            return ()
        site = self._deployment.site
        return tuple(
            NodeResult(
                name,
                machine.record(),
                site.addresses(name),
                tuple(machine.visitors.items()),
                tuple(LinkResult(*link) for link in site.links(name)),
                machine.node.forwards,
            )
            for name, machine in site.machines.items()
        )

    def networks(self) -> tuple[NetworkResult, ...]:
        """What is known of each network."""
        if self._deployment is None:
            return ()
        site = self._deployment.site
        return tuple(
            NetworkResult(
                network.name,
                network.family.value,
                tuple(
                    subnet  # a shadow is none of the scenario's
                    for subnet in site.subnets(network.name)
                    if (6 if ":" in subnet else 4) in network.family.versions
                ),
            )
            for network in self._scenario.topology.networks
        )

    def ahead(self) -> tuple[float, float] | None:
        """See Timing."""
        return None if self._deployment is None else self._deployment.site.ahead
