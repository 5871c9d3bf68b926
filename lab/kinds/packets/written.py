"""How packets are written in a scenario file."""

from __future__ import annotations

from typing import Any

from lab.dissection.dissected import FLAGS as ALL_FLAGS
from lab.dissection.icmp import WORDS
from lab.kinds.amount import AT_LEAST_ONE
from lab.kinds.amounts import AMOUNT
from lab.kinds.packets.demands import NONE, Counted, Ordered
from lab.kinds.packets.pattern import Pattern, Side
from lab.quantities import canonical_address
from lab.source.located import Located, Scalar
from lab.source.scope import Scope, did_you_mean
from lab.source.shapes import (
    Boolean,
    Choice,
    Field,
    Integer,
    Known,
    ListOf,
    Parsed,
    Read,
    Record,
    Schema,
    TemplateText,
    Unreadable,
    refused,
)

Demand = Counted | Ordered
_PROTOCOLS = ("udp", "tcp", "icmp", "icmpv6", "arp", "igmp", "ipv4", "ipv6", "fragment")
_PORT = Integer("a port", 1, 65535)


class _Side:
    """A node, a group, an address, or text with references that becomes one."""

    _text = TemplateText("a node or an address")

    def read(self, value: Located, scope: Scope) -> Side:
        known = scope.names.get("node")
        if isinstance(value, Scalar) and known is not None and value.text in known:
            return Side(nodes=known[value.text])
        template = self._text.read(value, scope)
        version = 6 if ":" in template.text else 4
        if template.references or canonical_address(template.text, version):
            return Side(address=template)
        if known is None:
            return Side(nodes=(template.text,))
        what = f'"{template.text}" is no node and no address'
        help_text = did_you_mean(template.text, known, "the nodes are: ")
        raise refused(scope, value.span, what, help_text or "write an address")

    def schema(self) -> Schema:
        return self._text.schema()


def _flags(text: str) -> tuple[str, ...]:
    found = tuple(text.split("+"))
    if not set(found) <= set(ALL_FLAGS) or len(set(found)) < len(found):
        raise ValueError(f"write {', '.join(ALL_FLAGS)}, or several as in SYN+ACK")
    return found


class _Network:
    """One network."""

    _known = Known("network")

    def read(self, value: Located, scope: Scope) -> str:
        return self._known.read(value, scope)[0]

    def schema(self) -> Schema:
        return self._known.schema()


FROM = Field("from", _Side(), "the node, group or address that sent it")
TO = Field("to", _Side(), "the node, group or address it is for")
PROTOCOL = Field("protocol", Choice("a protocol", {p: p for p in _PROTOCOLS}), "or family")
PORT = Field("port", _PORT, "of either side")
FROM_PORT = Field("from-port", _PORT, "of who sent it")
TO_PORT = Field("to-port", _PORT, "of whom it is for")
FLAGS = Field(
    "flags",
    Parsed("TCP flags", _flags, "write SYN, or several as in SYN+ACK"),
    "of SYN, FIN and RST exactly these, of the others these at least; SYN alone is without ACK",
)
SIZE = Field("size", AMOUNT, "bytes of payload")
ICMP = Field("icmp", Choice("an ICMP message", {w: w for w in WORDS}), "what the message says")
REPEAT = Field("retransmission", Boolean(), "whether bytes in it were sent before")
ON = Field("on", _Network(), "the network it crossed")
COUNT = Field("count", AMOUNT, "how many there must be; without it, at least one")
PARTS: tuple[Field[Any], ...] = (
    FROM,
    TO,
    PROTOCOL,
    PORT,
    FROM_PORT,
    TO_PORT,
    FLAGS,
    SIZE,
    ICMP,
    REPEAT,
    ON,
)

_WHICH = "say which packets: protocol: udp, from: talker, size: 15"


class _Pattern:
    """{from, to, protocol, ...}, at least one of them."""

    _record = Record("a packet", *PARTS, also={"minProperties": 1})

    def read(self, value: Located, scope: Scope) -> Pattern:
        return pattern_of(self._record.read(value, scope), value, scope)

    def schema(self) -> Schema:
        return self._record.schema()


def pattern_of(read: Read, value: Located, scope: Scope) -> Pattern:
    """Of a record with these fields. Raises Unreadable where it is none, or contradicts itself."""
    if not any(part in read for part in PARTS):
        raise refused(scope, value.span, "this fits every packet", _WHICH)
    _check(read, scope)
    return Pattern(
        source=read.find(FROM),
        target=read.find(TO),
        protocol=read.find(PROTOCOL),
        port=read.find(PORT),
        source_port=read.find(FROM_PORT),
        target_port=read.find(TO_PORT),
        flags=read.get(FLAGS, ()),
        size=read.find(SIZE),
        icmp=read.find(ICMP),
        repeat=read.find(REPEAT),
        network=read.find(ON),
    )


def _check(read: Read, scope: Scope) -> None:
    protocol = read.find(PROTOCOL)
    needs: list[tuple[Field[Any], tuple[str, ...]]] = [
        (FLAGS, ("tcp",)),
        (REPEAT, ("tcp",)),
        (ICMP, ("icmp", "icmpv6")),
    ]
    needs += [(port, ("tcp", "udp")) for port in (PORT, FROM_PORT, TO_PORT)]
    for part, protocols in needs:
        if part in read and protocol not in (None, "ipv4", "ipv6", *protocols):
            what = f"{protocol} has no {part.name}"
            raise refused(scope, read.key(part).span, what, f"of {' or '.join(protocols)} only")


NEVER = Field("never", _Pattern(), "no such packet may be seen")
ORDER = Field("order", ListOf(_Pattern(), "a list of packets", 1), "one after another")
_ALONE: tuple[Field[Any], ...] = (NEVER, ORDER)


class DemandShape:
    """{from, to, ..., count}, {never: ...} or {order: [...]}."""

    _record = Record("this expectation", *PARTS, COUNT, *_ALONE, also={"minProperties": 1})

    def read(self, value: Located, scope: Scope) -> Demand:
        read = self._record.read(value, scope)
        alone = [field for field in _ALONE if field in read]
        others = [field for field in (*PARTS, COUNT, *alone[1:]) if field in read]
        if alone and others:
            what = f"{others[0].name} does not go with {alone[0].name}"
            scope.problems.add(read.key(others[0]).span, what, "make it an item of its own: - ...")
            raise Unreadable
        if NEVER in read:
            return Counted(value.span, read[NEVER], NONE)
        if ORDER in read:
            return Ordered(value.span, read[ORDER])
        pattern = pattern_of(read, value, scope)
        return Counted(value.span, pattern, read.get(COUNT, AT_LEAST_ONE))

    def schema(self) -> Schema:
        return self._record.schema()
