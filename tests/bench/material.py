"""The cases of a suite as an engine is asked for them: the lab's own specs, and what is run.

Law: planned and allocated by the lab, and noted in place of being made; so every side of the
bench has the same containers, networks and shares.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from docker import APIClient
from docker.utils import kwargs_from_env

from lab.allocation import Pools, allocate
from lab.cli.installed import InstalledParts
from lab.cli.selection import Selector
from lab.executor.names import new_run
from lab.executor.site import Site
from lab.model import Scenario
from lab.plan import CreateNetwork, CreateNode, CreateShare, PrepareImage, plan, shadowed
from lab.ports import Abilities, Image, NetworkSpec, NodeSpec, ShareSpec
from lab.project import Project
from tests.architecture.sources import ROOT

IMAGE = "socketlab/lab:local"
LEFT_OUT = "load"  # ten thousand connections measure a program and no engine
_MADE = (PrepareImage, CreateNetwork, CreateShare, CreateNode)


@dataclass
class Material:
    """One case: what is made for it, the nodes' programs by engine name; how long these run."""

    name: str
    networks: list[NetworkSpec] = field(default_factory=list)
    shares: list[ShareSpec] = field(default_factory=list)
    nodes: list[NodeSpec] = field(default_factory=list)
    programs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    # What Site asks of an engine: it is noted.

    def image(self, reference: str | None) -> Image:
        return Image(reference or IMAGE, (), ())

    def create_network(self, spec: NetworkSpec) -> str:
        self.networks.append(spec)
        return ""

    def create_share(self, spec: ShareSpec) -> None:
        self.shares.append(spec)

    def create_node(self, spec: NodeSpec) -> None:
        self.nodes.append(spec)


def cases() -> list[Scenario]:
    """The first case of each scenario, without those that are for load."""
    parts, project = InstalledParts(), Project(ROOT, ROOT)
    selector = Selector(project, lambda path: parts.load(path, ROOT, {}))
    first: dict[str, Scenario] = {}
    for case in selector.select(("all",)):
        first.setdefault(case.name.partition("[")[0], case)
    return [case for case in first.values() if LEFT_OUT not in case.tags]


def client(api: tuple[int, int] = (1, 41)) -> APIClient:
    """Speaks to the engine that DOCKER_HOST names."""
    return APIClient(version=f"{api[0]}.{api[1]}", timeout=60, **kwargs_from_env())


def abilities(engine: APIClient) -> Abilities:
    """What the engine can do, as far as payloads depend on it."""
    answer = engine.version(api_version=False)
    major, minor = map(int, str(answer["ApiVersion"]).split(".")[:2])
    return Abilities(answer["Version"], (major, minor), (major, minor) >= (1, 48))


def materials(
    found: Iterable[Scenario], able: Abilities, seconds: Mapping[str, float]
) -> list[Material]:
    """What is made for each of the cases; no two of them have a subnet in common."""
    taken: list[str] = []
    return [_material(case, able, taken, seconds[case.name]) for case in found]


def _material(case: Scenario, able: Abilities, taken: list[str], seconds: float) -> Material:
    shadows = frozenset(n.name for n in case.topology.networks if shadowed(n, able))
    seed = secrets.token_hex(4)
    allocation = allocate(case.topology, Pools(), shadows=shadows, taken=taken, seed=seed)
    taken += [subnet for subnets in allocation.subnets.values() for subnet in subnets]
    material = Material(case.name, seconds=seconds)
    names = new_run(case.name, seconds=case.timeout)
    noted = cast(Any, material)
    site = Site(
        noted,
        *cast(tuple[Any, Any, Any], (None, None, None)),
        scenario=case,
        allocation=allocation,
        names=names,
        changed=lambda *_: None,
        kept={},
    )
    for operation in plan(case, able).deployment:
        if isinstance(operation, _MADE):
            site.perform(operation)
    material.programs = {names.of(n.name): site.argv(n) for n in case.topology.nodes}
    return material
