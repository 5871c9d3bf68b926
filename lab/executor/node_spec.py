"""What the engine is told of a node.

Law: pure: the scenario's words, with this run's names and addresses in them.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.allocation import Allocation
from lab.executor.names import RunNames
from lab.model import Node
from lab.ports import Image, MountSpec, NodeSpec


def node_spec(
    node: Node,
    image: Image,
    allocation: Allocation,
    names: RunNames,
    network_name: Callable[[str], str],
    *,
    outside: bool,
) -> NodeSpec:
    """`network_name` gives the engine's names of networks; `outside`: one of its leads out."""
    bindings = allocation.bindings
    return NodeSpec(
        name=names.of(node.name),
        hostname=node.name,
        image=image.reference,
        links=allocation.links(node.name, network_name),
        hosts=allocation.hosts(node.name),
        env=tuple((key, value.render(bindings)) for key, value in node.program.env),
        memory=node.limits.memory,
        pids=node.limits.pids,
        cpus=node.limits.cpus,
        labels=names.labels(node.name),
        lasting=names.lasting,
        forwards=node.forwards,
        outside=outside,
        mounts=tuple(MountSpec(names.of(m.share), m.path) for m in node.mounts),
    )
