"""That a network has room for the nodes on it: ports of its bridge, addresses of its subnets."""

from __future__ import annotations

from collections import Counter

from lab.model import Topology
from lab.source import Problems
from lab.source.excerpt import quote

BRIDGE_PORTS = 1023  # of a Linux bridge: BR_MAX_PORTS less its own (net/bridge/br_private.h)


def check_room(topology: Topology, problems: Problems) -> None:
    """Note networks with more nodes on them than there can be."""
    on = Counter(link.network for node in topology.nodes for link in node.attachments)
    for network in topology.networks:
        number = on[network.name]
        if number > BRIDGE_PORTS:
            what = f"{number} nodes are on {quote(network.name)}, "
            what += f"and a bridge has {BRIDGE_PORTS} ports"
            problems.add(network.span, what, "put some of them on another network")
        for subnet in network.subnets:
            if (room := _room(subnet)) < number:
                what = f"{number} nodes are on {quote(network.name)}, {subnet} has room for {room}"
                mend = "write a larger subnet, or none: the lab picks one that is large enough"
                problems.add(network.span, what, mend)


def _room(subnet: str) -> int:
    """Its addresses but its own, the gateway's and, of IPv4, the one for broadcasts."""
    from ipaddress import ip_network  # noqa: PLC0415 - slow to import, and seldom needed

    network = ip_network(subnet)
    return max(network.num_addresses - (3 if network.version == 4 else 2), 0)
