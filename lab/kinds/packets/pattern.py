"""Which packets are meant.

Law: what is not said fits every packet. Nodes are known by the addresses the run gave them.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.dissection.dissected import Dissected
from lab.kinds.amount import Amount
from lab.quantities import canonical_address
from lab.source.template import Template

_DECISIVE = ("SYN", "FIN", "RST")


class Side(Struct, frozen=True):
    """Who sent it, or to whom: one of these nodes, or an address."""

    nodes: tuple[str, ...] = ()
    address: Template | None = None

    def addresses(self, bindings: Mapping[str, str]) -> frozenset[str]:
        """All that may stand in a packet. Raises KeyError."""
        if self.address is not None:
            text = self.address.render(bindings)
            return frozenset({canonical_address(text, 6 if ":" in text else 4) or text})
        keys = ((key.split("."), value) for key, value in bindings.items())
        return frozenset(
            value for parts, value in keys if parts[0] in self.nodes and parts[-1] in _FAMILIES
        )

    def __str__(self) -> str:
        return self.address.text if self.address is not None else " or ".join(self.nodes)


_FAMILIES = ("ipv4", "ipv6")


class Pattern(Struct, frozen=True):
    """`port` is either of both; of `flags` see fits(). `repeat`: it is a retransmission, or not."""

    source: Side | None = None
    target: Side | None = None
    protocol: str | None = None
    port: int | None = None
    source_port: int | None = None
    target_port: int | None = None
    flags: tuple[str, ...] = ()
    size: Amount | None = None
    icmp: str | None = None
    repeat: bool | None = None
    network: str | None = None

    def __str__(self) -> str:
        size = f"with {self.size} byte{'' if str(self.size) == '1' else 's'} of payload"
        words = (
            self.protocol or "",
            "+".join(self.flags),
            self.icmp or "",
            {True: "a retransmission", False: "no retransmission", None: ""}[self.repeat],
            f"from {self.source}" if self.source else "",
            f"from port {self.source_port}" if self.source_port else "",
            f"to {self.target}" if self.target else "",
            f"to port {self.target_port}" if self.target_port else "",
            f"of port {self.port}" if self.port else "",
            size if self.size else "",
            f"on {self.network}" if self.network else "",
        )
        return " ".join(filter(None, words)) or "anything"

    def bound(self, bindings: Mapping[str, str]) -> Bound:
        """The same in one run. Raises KeyError."""
        sides = [
            None if side is None else side.addresses(bindings)
            for side in (self.source, self.target)
        ]
        return Bound(self, *sides)


class Bound(Struct, frozen=True):
    """A pattern whose nodes are addresses; None: any."""

    pattern: Pattern
    sources: frozenset[str] | None
    targets: frozenset[str] | None

    def fits(self, found: Dissected, *, repeat: bool) -> bool:
        """Whether the packet, which is a retransmission or not, is meant."""
        asked = self.pattern
        return (
            (self.sources is None or found.source in self.sources)
            and (self.targets is None or found.target in self.targets)
            and (asked.repeat is None or asked.repeat is repeat)
            and (not asked.flags or _flagged(found.flags, asked.flags))
            and (asked.size is None or found.size in asked.size)
            and self._equal(found)
        )

    def _equal(self, found: Dissected) -> bool:
        asked = self.pattern
        ports = (found.source_port, found.target_port)
        pairs = (
            (asked.protocol, (found.protocol, found.family)),
            (asked.port, ports),
            (asked.source_port, ports[:1]),
            (asked.target_port, ports[1:]),
            (asked.icmp, (found.icmp,)),
            (asked.network, (found.packet.network,)),
        )
        return all(wanted is None or wanted in has for wanted, has in pairs)


def _flagged(flags: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Of SYN, FIN and RST exactly those asked for, and whatever else is asked for.

    A SYN that is asked for without ACK is the first of a connection, which has none.
    """
    decisive = all((name in flags) == (name in asked) for name in _DECISIVE)
    first = "SYN" in asked and "ACK" not in asked
    return decisive and set(asked) <= set(flags) and not (first and "ACK" in flags)
