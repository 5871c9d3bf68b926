"""A case with its parts in another order, and nodes that are held up again and again.

Law: pure; what is asked for and what is expected stay as they are. A node gets a share of a CPU,
which the kernel enforces by stopping its programs for the rest of each tenth of a second.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

from lab.kinds.action import Effect
from lab.kinds.action import Step as TimedStep
from lab.model import Node, Scenario
from lab.ports import Step

T = TypeVar("T")

LEAST, MOST = 0.3, 1.0  # of a CPU


def disturbed(case: Scenario, chance: random.Random) -> Scenario:
    """Networks and nodes are made, and programs that start together started, in another order.

    Nodes without a limit on CPU time of their own get one.
    """
    nodes = [_held_up(node, chance) for node in case.topology.nodes]
    networks = _mixed(case.topology.networks, chance)
    topology = replace(case.topology, networks=networks, nodes=_mixed(nodes, chance))
    return replace(
        case, topology=topology, steps=tuple(_other_order(step, chance) for step in case.steps)
    )


def _held_up(node: Node, chance: random.Random) -> Node:
    share = round(chance.uniform(LEAST, MOST), 2)
    cpus = share if node.limits.cpus is None else node.limits.cpus
    return replace(node, limits=replace(node.limits, cpus=cpus))


def _other_order(step: Step, chance: random.Random) -> Step:
    """A step that starts several nodes at the same moment, with another of them the first."""
    if not isinstance(step, TimedStep) or step.action.effect is not Effect.STARTS:
        return step
    action: Any = step.action  # a frozen record, as of every kind
    return replace(step, name=step.title, action=replace(action, nodes=_mixed(step.nodes, chance)))


def _mixed(things: Iterable[T], chance: random.Random) -> tuple[T, ...]:
    """In another order."""
    mixed = list(things)
    chance.shuffle(mixed)
    return tuple(mixed)
