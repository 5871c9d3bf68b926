"""Which impairments come out the same whoever carries them out: those that choose no packet.

Law: pure. A constant delay and a rate treat all that they fit alike, so the kernel may have them;
whatever chooses, by chance or by number, is the queue's, which repeats it by the seed. So are
those of which a packet could meet two: it would be in one place only.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

_EXACT = frozenset({"delay", "rate"})
_LONGEST = 200.0  # seconds; netem counts them in 32 bits
_SLOWEST = 800.0  # bits in a second: in whole bytes it is off by one in a hundred at most
_MOST = 64  # rules of one node: what the kernel answers to them must fit a socket


class Exact(NamedTuple):
    """One such impairment; `to` None: wherever they go."""

    interfaces: tuple[int, ...]
    to: tuple[str, ...] | None
    transport: str | None
    port: int | None
    effects: "dict[str, float]"

    def rules(self) -> int:
        """How many it takes to tell its packets from others."""
        return len(self.interfaces) * len(self.to or " ") * (1 if self.port is None else 2)


def exact(impairments: "Mapping[str, Mapping[str, object]]") -> dict[str, Exact] | None:
    """All of a node's, if the kernel may have them, else None."""
    found = {name: _read(written) for name, written in impairments.items()}
    known = {name: each for name, each in found.items() if each is not None}
    alone = all(_apart(one, other) for one, other in combinations(known.values(), 2))
    few = sum(each.rules() for each in known.values()) <= _MOST
    return known if alone and few and len(known) == len(found) else None


def _read(written: "Mapping[str, object]") -> Exact | None:
    effects, interfaces, to = (written.get(name) for name in ("effects", "interfaces", "to"))
    transport, port = written.get("transport"), written.get("port")
    if not isinstance(effects, dict) or not effects or not effects.keys() <= _EXACT:
        return None
    if not isinstance(interfaces, list) or not isinstance(to, list | None):
        return None
    if not isinstance(transport, str | None) or not isinstance(port, int | None):
        return None
    one = Exact(tuple(interfaces), to if to is None else tuple(to), transport, port, effects)
    return one if _can(one) else None


def _can(one: Exact) -> bool:
    rate = one.effects.get("rate")
    if rate is not None and (rate < _SLOWEST or len(one.interfaces) > 1):
        return False  # one slow link, and not one behind each interface
    known = one.port is None or one.transport in ("tcp", "udp")
    return known and one.effects.get("delay", 0.0) <= _LONGEST


def _apart(one: Exact, other: Exact) -> bool:
    """Whether no packet could meet both."""
    return (
        not set(one.interfaces) & set(other.interfaces)
        or (one.to is not None and other.to is not None and not set(one.to) & set(other.to))
        or (None not in (one.transport, other.transport) and one.transport != other.transport)
    )
