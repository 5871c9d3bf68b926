"""The impairments of one run: which there are, on which nodes, and what came of them.

Law: the agent is told of a node's impairments, all of them, whenever they change; what it counts
for them is added up, never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from lab.allocation import Allocation
from lab.model import Impairment, Topology, Way
from lab.ports import Agent, Fallen, Impaired
from lab.result import ImpairmentResult


class Impairing:
    """`key` is what the agent knows a node by; `seed` is the scenario's."""

    def __init__(
        self,
        agent: Agent,
        topology: Topology,
        allocation: Allocation,
        key: Callable[[str], str],
        seed: str,
    ) -> None:
        self._agent = agent
        self._topology = topology
        self._allocation = allocation
        self._key = key
        self._seed = seed
        self._ever: list[Impairment] = []
        self._now: dict[str, Impairment] = {}
        self._asked: set[str] = set()  # nodes the agent was told to impair
        self._addresses: dict[str, list[str]] = {}
        for place in allocation.places:
            self._addresses.setdefault(place.node, []).extend(place.addresses)

    def foresee(self, impairments: Sequence[Impairment]) -> None:
        """Have these from the start; tell() says so to the agent, node by node."""
        for impairment in impairments:
            self._add(impairment)

    def begin(self, impairment: Impairment) -> None:
        """Have it from now on."""
        self._add(impairment)
        for node in self._senders(impairment):
            self.tell(node)

    def _add(self, impairment: Impairment) -> None:
        self._ever.append(impairment)
        self._now[str(len(self._ever))] = impairment

    def end(self, ways: Sequence[Way]) -> None:
        """End those that concern these ways alone; none said: all."""
        healed = self._all(ways)
        over = [
            name
            for name, impairment in self._now.items()
            if not ways or _within(self._all(impairment.ways), healed)
        ]
        ended = [self._now.pop(name) for name in over]
        for node in dict.fromkeys(node for each in ended for node in self._senders(each)):
            self.tell(node)

    def renumbered(self, node: str, addresses: Iterable[str]) -> None:
        """A node has other addresses: what is sent there is sent to it, too."""
        self._addresses[node].extend(addresses)
        for sender in self._asked - {node}:
            self.tell(sender)

    def tell(self, node: str) -> None:
        """Tell the agent of all impairments of what a node sends."""
        self._asked.add(node)
        found = ((name, self._of(node, name, each)) for name, each in self._now.items())
        self._agent.impair(self._key(node), {name: each for name, each in found if each})

    def _of(self, node: str, name: str, impairment: Impairment) -> Impaired | None:
        ways = [way for way in self._all(impairment.ways) if way.sender == node]
        if not ways:
            return None
        to = [address for way in ways for address in self._addresses.get(way.receiver, ())]
        networks = {way.network for way in ways}
        return Impaired(
            seed=f"{self._seed}/{name}/{node}",
            addresses=tuple(
                place.addresses[0]
                for place in self._allocation.places
                if place.node == node and ("" in networks or place.network in networks)
            ),
            effects=impairment.effects,
            to=None if any(not way.receiver for way in ways) else tuple(dict.fromkeys(to)),
            transport=impairment.transport,
            port=impairment.port,
        )

    def _all(self, ways: Iterable[Way]) -> tuple[Way, ...]:
        return tuple(each for way in ways for each in self._topology.senders(way))

    def _senders(self, impairment: Impairment) -> Iterable[str]:
        return dict.fromkeys(way.sender for way in self._all(impairment.ways))

    def results(self) -> tuple[ImpairmentResult, ...]:
        """What came of each there ever was. Raises EngineError."""
        fallen = [self._agent.impaired(self._key(node)) for node in sorted(self._asked)]
        return tuple(
            _result(each, [found[str(at)] for found in fallen if str(at) in found])
            for at, each in enumerate(self._ever, start=1)
        )


def _result(impairment: Impairment, fallen: Sequence[Fallen]) -> ImpairmentResult:
    """Of all nodes."""
    return ImpairmentResult(
        impairment.title,
        impairment.span,
        _sum(each.counts for each in fallen),
        impairment.may_miss,
        tuple(sorted({way for each in fallen for way in each.by})),
    )


def _within(ways: Sequence[Way], healed: Sequence[Way]) -> bool:
    return all(any(good.covers(way) for good in healed) for way in ways)


def _sum(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        for word, number in each.items():
            total[word] = total.get(word, 0) + number
    return total
