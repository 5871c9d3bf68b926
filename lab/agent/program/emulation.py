"""The kernel's way to impair: rules sort the packets, and netem delays and slows them down.

Law: made in the node's network namespace. It has impairments that choose no packets (exact), and
takes none it cannot keep to the letter; then OSError is raised or False said, and the queue's way
is gone. What waits when an impairment ends still comes when it is due.
"""

from collections.abc import Mapping

from . import cables, qdiscs
from .exact import Exact
from .netlink import NETFILTER, ROUTE, Netlink
from .sorting import Sort, Sorting

_BITS = 8


class Emulation:
    """On these interfaces. Raises OSError, then nothing is left of it."""

    def __init__(self, interfaces: list[int]) -> None:
        self._route = Netlink(ROUTE)
        self._rules = Netlink(NETFILTER)
        self._interfaces = interfaces
        self._segments = {at: link.segments for at, link in cables.links(self._route).items()}
        self._bands: dict[str, int] = {}  # of those that are on
        self._ever: dict[str, Exact] = {}
        self._begun: list[int] = []
        try:
            for interface in interfaces:
                cables.limit_segments(self._route, interface, 1)
                self._begun.append(interface)
                qdiscs.begin(self._route, interface)
                qdiscs.emulate(self._route, interface, qdiscs.BANDS[0], 0.0, 0.0)
            self._sorting = Sorting(self._rules)
        except BaseException:
            self._away()
            raise

    def set(self, impairments: "Mapping[str, Exact]") -> bool:
        """Have these and no others; False: there is no room for them, and all is as before."""
        bands = {name: at for name, at in self._bands.items() if name in impairments}
        taken = {*bands.values(), *self._draining()}
        free = iter([band for band in qdiscs.BANDS if band not in taken])
        for name, each in impairments.items():
            if name in bands:
                continue
            band = next(free, None)
            if band is None:
                return False
            bands[name] = band
            delay, rate = (each.effects.get(word, 0.0) for word in ("delay", "rate"))
            for interface in each.interfaces:
                qdiscs.emulate(self._route, interface, band, delay, rate)
        self._sorting.set(
            {n: Sort(each, qdiscs.class_of(bands[n])) for n, each in impairments.items()}
        )
        self._bands = bands
        self._ever |= impairments
        return True

    def _draining(self) -> list[int]:
        """The bands in which packets wait."""
        return [each.band for each in qdiscs.waiting(self._route) if each.band and each.packets]

    def cede(self) -> dict[str, float]:
        """Take no more packets; of each impairment with a rate, the seconds its link is busy."""
        self._sorting.set({})
        waits = {each.band: each.bytes for each in qdiscs.waiting(self._route)}
        found = {
            name: waits.get(band, 0) * _BITS / self._ever[name].effects["rate"]
            for name, band in self._bands.items()
            if self._ever[name].effects.get("rate")
        }
        self._bands = {}
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Of each there ever was, as the queue's way tells it."""
        seen = self._sorting.counts()
        return {
            name: {"seen": seen[name]}
            | {word: seen[name] if value else 0 for word, value in each.effects.items()}
            for name, each in self._ever.items()
        }

    def held(self) -> int:
        """How many packets wait."""
        return sum(each.packets for each in qdiscs.waiting(self._route) if each.band is None)

    def trouble(self) -> str:
        """What went wrong; empty: nothing."""
        roots = [each for each in qdiscs.waiting(self._route) if each.band is None]
        if lost := sum(each.dropped for each in roots):
            return f"{lost} packets were lost on their slow or long way: too many waited"
        if len(roots) != len(self._interfaces):
            return "what impairs the node's packets is gone from its interfaces"
        return ""

    def lift(self) -> None:
        """Take all of it away, and leave the interfaces as they were."""
        self._sorting.lift()
        self._away()

    def _away(self) -> None:
        for interface in self._begun:
            cables.limit_segments(self._route, interface, self._segments[interface])
        roots = {each.interface for each in qdiscs.waiting(self._route) if each.band is None}
        for interface in roots:
            qdiscs.end(self._route, interface)
        self._route.close()
        self._rules.close()
