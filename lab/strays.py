"""That an IPv6-only network was one: what its nodes sent, and what name servers told them.

Law: pure, from captures alone. What comes from the engine's host is nothing a program did: what
counts is what a node sent. Where a capture is not whole, nobody can say that nothing was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from lab.dissection.summary import line
from lab.events import Capture, Packet
from lab.model import Family, Node, Topology
from lab.verdict import Judgement, failed, passed, unknown

_IPV4, _ARP = b"\x08\x00", b"\x08\x06"  # EtherTypes
_DNS = b"\0\x35"  # port 53
_TYPE = slice(12, 14)
_ARP_SENDER, _ARP_TARGET = slice(28, 32), slice(38, 42)


def judge_families(topology: Topology, captures: Mapping[str, Capture]) -> tuple[Judgement, ...]:
    """One judgement for each IPv6-only network, at its line."""
    only = frozenset(n.name for n in topology.networks if n.family is Family.IPV6)
    on_it: dict[str, list[Node]] = {name: [] for name in only}
    for node in topology.nodes:
        for network in node.networks & only:
            on_it[network].append(node)
    return tuple(
        replace(_judge(n.name, on_it[n.name], captures, only), subject=n.name, span=n.span)
        for n in topology.networks
        if n.name in only
    )


def _judge(
    network: str, nodes: Sequence[Node], captures: Mapping[str, Capture], only: frozenset[str]
) -> Judgement:
    """`only`: the IPv6-only networks."""
    for node in nodes:
        capture = captures.get(node.name)
        if capture is None or capture.gap:
            why = capture.gap if capture else "it was not captured"
            return unknown(f"the lab cannot tell whether {node.name} sent IPv4: {why}")
    for node in nodes:
        if told := _strays(node, network, captures[node.name], only):
            return failed(told, final=True, advice=_ADVICE)
    return passed("no IPv4 packet was sent, no IPv4 address told", final=True)


def _sent(packet: Packet, network: str) -> bool:
    """Whether it is IPv4 of the node's. ARP that asks nobody is the engine's: it makes known who
    has an address, from within the node."""
    if not packet.outgoing or packet.network != network:
        return False
    kind, data = packet.data[_TYPE], packet.data
    return kind == _IPV4 or (kind == _ARP and data[_ARP_SENDER] != data[_ARP_TARGET])


def _described(packet: Packet) -> str:
    from lab.dissection.layers import dissect  # noqa: PLC0415 - slow, and hardly ever needed

    return line(dissect(packet), {})


def _addresses(capture: Capture) -> Iterator[str]:
    """The IPv4 addresses that name servers told the node."""
    answers = [p for p in capture.packets if _may_be_an_answer(p)]
    if not answers:
        return
    from lab.dissection.layers import told_addresses  # noqa: PLC0415 - as above

    for packet in answers:
        yield from told_addresses(packet)


def _may_be_an_answer(packet: Packet) -> bool:
    """Whether it came from port 53, over either family; what it really is, is seen later."""
    ipv4 = packet.data[_TYPE] == _IPV4 and packet.data[34:36] == _DNS
    return not packet.outgoing and (ipv4 or packet.data[54:56] == _DNS)


_ADVICE = "the network is IPv6-only: a program that needs IPv4 does not pass on it"


def _strays(node: Node, network: str, capture: Capture, only: frozenset[str]) -> str:
    """What there is of IPv4, in a sentence; nothing, where it is as it should be."""
    found = [packet for packet in capture.packets if _sent(packet, network)]
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return f"{node.name} sent IPv4: {_described(found[0])}{more}"
    told = next(_addresses(capture), "") if node.networks <= only else ""
    return f"a name server told {node.name} an IPv4 address: {told}" if told else ""
