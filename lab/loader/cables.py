"""That steps on links are about links there are, and pull no cable that is pulled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lab.kinds.action import Step, listed
from lab.model import Node, Topology
from lab.source import Problems
from lab.source.excerpt import quote

if TYPE_CHECKING:
    from lab.kinds.cable import Linked


def check_cables(topology: Topology, steps: Sequence[Step], problems: Problems) -> None:
    """Note links that are not there, and cables that are not as a step needs them."""
    pulled: dict[tuple[str, str], int] = {}
    for step in steps:
        linked: Linked | None = getattr(step.action, "linked", None)
        if linked is None:
            continue
        for name in linked.nodes:
            node = topology.node(name)
            _check_link(node, linked, problems)
            for network in sorted(_networks(node, linked)):
                _check_state((name, network), step, pulled, problems)


def _networks(node: Node, linked: Linked) -> Iterator[str]:
    return (name for name in node.networks if linked.network in ("", name))


def _check_link(node: Node, linked: Linked, problems: Problems) -> None:
    network = linked.network
    if not node.networks:
        what = f"{quote(node.name)} is on no network"
        problems.add(linked.span, what, f"put it on one: {node.group}: {{networks: [lan]}}")
    elif network and network not in node.networks:
        what = f"{quote(node.name)} is not on {quote(network)}"
        problems.add(linked.span, what, f"it is on {listed(sorted(node.networks))}")


def _check_state(
    link: tuple[str, str], step: Step, pulled: dict[tuple[str, str], int], problems: Problems
) -> None:
    name, network = link
    if step.kind == "disconnect":
        if link in pulled:
            what = f"{quote(name)} is disconnected from {quote(network)} by line {pulled[link]}"
            problems.add(step.span, what, f"connect it in between: - connect: {name}")
        pulled[link] = step.span.line
    elif step.kind == "connect":
        if link not in pulled:
            what = f"{quote(name)} is connected to {quote(network)} at this step"
            problems.add(step.span, what, f"nodes begin connected: - disconnect: {name}")
        pulled.pop(link, None)
