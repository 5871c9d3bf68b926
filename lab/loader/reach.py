"""That programs can reach what their arguments name: a common network, an address's family."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lab.model import Node, Template, Topology
from lab.quantities import canonical_address
from lab.source import Problems
from lab.source.excerpt import quote


def check_reach(topology: Topology, problems: Problems) -> None:
    """Note arguments that name a node or an address out of reach."""
    nodes = {node.name: node for node in topology.nodes}
    reach = cache(topology.beyond)  # the same for all nodes on the same networks
    for node in topology.nodes:
        for text in (*(node.program.args or ()), *(value for _, value in node.program.env)):
            span = text.span or node.span
            for peer in _named(text, node, nodes):
                if not reach(node.networks) & peer.networks:
                    what = f"{quote(node.group)} and {quote(peer.name)} are on no common network"
                    problems.add(span, what, _mend(peer))
            if (version := _foreign(text.text, node, topology)) is not None:
                lack = f"{quote(node.group)} has no IPv{version}"
                what = f"{text.text} is an address of IPv{version}, and {lack}"
                mend = "write the node's name, or change its network's family"
                problems.add(span, what, mend)


def _named(text: Template, node: Node, nodes: dict[str, Node]) -> Iterator[Node]:
    """The other nodes an argument is about: by its whole text, or by references."""
    names = [text.text, *(reference.partition(".")[0] for reference in text.references)]
    for name in dict.fromkeys(names):
        peer = nodes.get(name)
        if peer and peer is not node and (peer.attachments or name == text.text):
            yield peer  # that a reference to a node on no network is void is told elsewhere


def _mend(peer: Node) -> str:
    others = sorted(peer.networks)
    return (
        f"put it on {others[0]}"
        if others
        else f"put both on a network: {quote(peer.name)} is on none"
    )


def _foreign(text: str, node: Node, topology: Topology) -> int | None:
    """The IP version of an address literal whose family the node does not have."""
    versions = {
        version
        for link in node.attachments
        for version in topology.network(link.network).family.versions
    }
    for version in (4, 6):
        address = canonical_address(text, version)
        if address is None or not versions or version in versions:
            continue
        if address not in ("0.0.0.0", "::", "::1") and not address.startswith("127."):
            return version
    return None
