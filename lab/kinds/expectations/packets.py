"""Which packets cross the node's links, from before its program's first instruction.

An item says which packets are meant, and how many there must be (`count`, a number or bounds;
without it, at least one). `never` is for packets none of which may be seen, `order` for packets
that must be seen one after another, with any others between them.

A packet is seen where it leaves and where it arrives, so the one from talker to listener is one
packet of each. Nodes are known by the addresses the run gave them. `size` counts bytes behind the
last header: of a UDP datagram its data, of a TCP segment the bytes of the stream in it, of which
one packet here may be several on a wire. `retransmission: true` is a segment in which something
crossed that link before. `icmp` is what a message says, in both versions: port unreachable, host
unreachable, network unreachable, packet too big, time exceeded, echo request, echo reply ...

Judged once the run is over, when every program has ended or waits; in a step, until it is seen.
If a packet may have been missed, the answer is ERROR.

Example:

    expect:
      listener:
        packets:
          - {protocol: udp, from: talker, to: listener, size: 15, count: 1}
          - never: {protocol: tcp}
      talker:
        packets: {icmp: port unreachable, count: 0}
      server:
        packets:
          order:
            - {flags: SYN, to-port: 3490}
            - {flags: SYN+ACK}
            - {flags: FIN, from: server}
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.events import Fact, NodeObservation
from lab.kinds.output.together import together
from lab.kinds.packets.demands import Counted, Ordered
from lab.kinds.packets.view import View
from lab.kinds.packets.written import DemandShape
from lab.kinds.standing import lost
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import OneOrMany
from lab.verdict import Judgement, unknown

_UNCAPTURED = (
    "those of scenarios whose own expectations look at packets are; lab run --capture on captures "
    "those of every scenario, and so does pytest --lab-capture on"
)


class PacketsExpectation(Struct, frozen=True):
    """All of these demands."""

    span: Span
    demands: tuple[Counted | Ordered, ...]

    @property
    def kind(self) -> str:
        return "packets"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset({Fact.PACKETS})

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        if error := lost(seen):
            return error
        if seen.capture is None:
            why = "the lab cannot tell: its packets were not captured"
            return unknown(why, advice=_UNCAPTURED)
        if seen.capture.gap:
            return unknown(f"the lab cannot tell: {seen.capture.gap}")
        for network in self._networks():
            if not any(f"{seen.node}.{network}.{word}" in bindings for word in ("ipv4", "ipv6")):
                return unknown(f"{seen.node} is on no network {network}, so nothing crosses there")
        view = View(seen.capture, bindings)
        return together(demand.judge(view) for demand in self.demands)

    def _networks(self) -> list[str]:
        patterns = (pattern for demand in self.demands for pattern in demand.patterns)
        return [pattern.network for pattern in patterns if pattern.network is not None]


SHAPE = OneOrMany(DemandShape(), "a list of packets")


def decode(value: Located, scope: Scope) -> PacketsExpectation:
    """The expectation. Raises Unreadable."""
    return PacketsExpectation(value.span, SHAPE.read(value, scope))
