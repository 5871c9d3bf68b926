"""What steps may do to the links of a running scenario's nodes: lab.ports.Links.

Law: a link is known by the addresses the run gave it first, whatever it has later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_network

from lab.allocation import Allocation, Place
from lab.executor.impairing import Impairing
from lab.model import Impairment, Way
from lab.ports import Agent, StepFailed
from lab.verdict import unknown


class LiveLinks:
    """The links of one run; `key` is what the agent knows a node by."""

    def __init__(
        self,
        agent: Agent,
        allocation: Allocation,
        key: Callable[[str], str],
        impairing: Impairing,
    ) -> None:
        self._agent = agent
        self._allocation = allocation
        self._key = key
        self._used = {address for place in allocation.places for address in place.addresses}
        self.impairing = impairing

    def plug(self, node: str, network: str, *, on: bool) -> None:
        """Plug or pull its cable."""
        for place in self._places(node, network):
            self._agent.plug(self._key(node), place.addresses[0], on=on)

    def renumber(self, node: str, network: str) -> None:
        """Give it other addresses."""
        for place in self._places(node, network):
            new = [self._free(place, address) for address in place.addresses]
            self._agent.renumber(self._key(node), place.addresses[0], new)
            self.impairing.renumbered(node, [text.partition("/")[0] for text in new])

    def impair(self, impairment: Impairment) -> None:
        """Make links bad from now on."""
        self.impairing.begin(impairment)

    def heal(self, ways: Sequence[Way]) -> None:
        """End all impairments of these ways that concern no others; none said: all there are."""
        self.impairing.end(ways)

    def _places(self, node: str, network: str) -> Sequence[Place]:
        places = self._allocation.places
        found = [p for p in places if p.node == node and network in ("", p.network)]
        if not found:
            what = f"{node} is not on {network}" if network else f"{node} is on no network"
            raise StepFailed(unknown(what))
        return found

    def _free(self, place: Place, address: str) -> str:
        """An address, with its prefix, of the same subnet that nobody has or had; the highest."""
        version = 6 if ":" in address else 4
        subnets = map(ip_network, self._allocation.subnets[place.network])
        subnet = next(each for each in subnets if each.version == version)
        last = subnet.num_addresses - (2 if version == 4 else 1)
        for at in range(last, 1, -1):
            free = str(subnet[at])
            if free not in self._used:
                self._used.add(free)
                return f"{free}/{subnet.prefixlen}"
        raise StepFailed(unknown(f"{subnet} of {place.network} has no address left to give"))
