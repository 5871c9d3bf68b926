"""Packets that crossed the links of a run, as arrows from node to node.

Law: an arrow is one packet on one network, from the node that sent it to one that got it; that a
packet was lost is said only where everything was captured. What serves the networks themselves
(ARP, neighbour discovery, group membership) is counted, not told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.dissection.summary import what
from lab.events import Capture, Packet
from lab.kinds.output.visible import escaped
from lab.result import ScenarioResult
from lab.story.clock import Clock
from lab.story.entries import Entry, Kind, Story

PAYLOAD = 48  # bytes of what a packet carries that are shown
LOOKED_AT = 50_000  # packets at most
_SERVING = ("arp", "igmp")
_SERVING_WORDS = ("neighbour", "neighbor", "router", "listener", "redirect")

NOTHING = Story(())


class _Arrow(Struct, frozen=True):
    """One packet: sent by `sender`, where that is known, and got by `taker`, where one did."""

    packet: Packet
    sender: str = ""
    taker: str = ""


def crossed(result: ScenarioResult, clock: Clock, room: int) -> Story:
    """About `room` of them, the first and the last."""
    from lab.dissection.layers import dissect  # noqa: PLC0415 - slow, and seldom needed

    capture = result.capture or Capture()
    arrows = list(_arrows(capture.packets[:LOOKED_AT]))
    told = [arrow for arrow in arrows if not _serves(dissect(arrow.packet))]
    notes = [capture.gap, _count(len(arrows) - len(told), "of ARP or neighbour discovery")]
    more = len(capture.packets) - LOOKED_AT
    notes.append(_count(more, "that came later") if more > 0 else "")
    half = max(room, 20) // 2
    entries = [_entry(arrow, result, clock) for arrow in told[:half]]
    rest = told[half:]
    if len(rest) > half:
        text = f"{len(rest) - half} more packets"
        entries.append(Entry(clock.of_node(rest[0].packet.time), Kind.CUT, text=text))
    entries += [_entry(arrow, result, clock) for arrow in rest[-half:]]
    return Story(tuple(entries), tuple(filter(None, notes)))


def _count(number: int, what: str) -> str:
    return f"{number} packet{'' if number == 1 else 's'} {what} not shown" if number else ""


# -- which is which --------------------------------------------------------------------------


def _arrows(packets: Sequence[Packet]) -> Iterator[_Arrow]:
    """Each packet once, where it leaves and where it arrives put together."""
    arrived: dict[tuple[str, bytes], deque[Packet]] = {}
    for packet in packets:
        if not packet.outgoing:
            arrived.setdefault((packet.network, packet.data), deque()).append(packet)
    for packet in packets:
        if packet.outgoing:
            takers = arrived.get((packet.network, packet.data))
            taker = takers.popleft().node if takers else ""
            yield _Arrow(packet, packet.node, taker)
    for left in arrived.values():
        yield from (_Arrow(packet, "", packet.node) for packet in left)


def _serves(found: object) -> bool:
    protocol, said = getattr(found, "protocol", ""), getattr(found, "icmp", "").lower()
    return protocol in _SERVING or (
        protocol == "icmpv6" and any(word in said for word in _SERVING_WORDS)
    )


def _entry(arrow: _Arrow, result: ScenarioResult, clock: Clock) -> Entry:
    from lab.dissection.layers import dissect  # noqa: PLC0415 - as above

    found = dissect(arrow.packet)
    whole = result.capture is not None and result.capture.whole
    own = {node.node: node.addresses for node in result.nodes}
    meant = next((name for name, mine in own.items() if found.target in mine), "")
    only_ack = found.protocol == "tcp" and not found.size and found.flags == ("ACK",)
    return Entry(
        clock.of_node(arrow.packet.time),
        Kind.ACK if only_ack else Kind.PACKET,
        arrow.sender or arrow.taker,
        text=("" if arrow.sender else f"from {found.source or 'elsewhere'}: ")
        + what(found)
        + _payload(arrow.packet, found.protocol, found.size),
        peer=arrow.taker if arrow.sender else "",
        lost=bool(whole and arrow.sender and not arrow.taker and meant),
    )


def _payload(packet: Packet, protocol: str, size: int) -> str:
    if protocol not in ("udp", "tcp") or not size or len(packet.data) != packet.length:
        return ""
    return f" {escaped(packet.data[-size:], PAYLOAD)}" if size <= len(packet.data) else ""
