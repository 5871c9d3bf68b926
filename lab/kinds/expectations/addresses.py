"""Which addresses the node's interfaces have; lo does not count, nor do IPv6's link-local ones.

For each family: `none`, a number, an address, or a list that must be all of them.

Example:

    expect:
      talker:
        addresses: {ipv4: none, ipv6: ["${talker.ipv6}"]}
      router:
        addresses: {ipv4: 2}
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.events import AddressEntry, Fact, NodeObservation
from lab.kinds.standing import lost
from lab.quantities import canonical_address
from lab.source import Span
from lab.source.located import Located, Scalar
from lab.source.scope import Scope
from lab.source.shapes import (
    Field,
    OneOrMany,
    Record,
    Schema,
    TemplateText,
    Unreadable,
    patterned,
    refused,
)
from lab.source.template import Template
from lab.verdict import Judgement, failed, passed, unknown

NONE = "none"
LOOPBACK = "lo"
ADDRESS = {4: "[0-9.]+", 6: "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"}  # as far as a schema can tell


class Wanted(Struct, frozen=True):
    """What one IP version must have: so many addresses, or exactly these."""

    version: int
    count: int | None
    exactly: tuple[Template, ...] = ()


class AddressesExpectation(Struct, frozen=True):
    """One Wanted for each family something was said of."""

    span: Span
    wanted: tuple[Wanted, ...]

    @property
    def kind(self) -> str:
        return "addresses"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset({Fact.ADDRESSES})

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        if error := lost(seen):
            return error
        if seen.addresses is None:
            return unknown("the lab cannot tell: the addresses could not be read")
        try:
            for wanted in self.wanted:
                has = [_canonical(e) for e in seen.addresses if _counts(e, wanted.version)]
                if reason := _wrong(wanted, has, bindings):
                    return failed(reason)
        except KeyError as missing:
            return unknown(f"${{{missing.args[0]}}} is not known in this run")
        return passed()


def _counts(entry: AddressEntry, version: int) -> bool:
    return entry.version == version and entry.interface != LOOPBACK and entry.scope != "link"


def _canonical(entry: AddressEntry) -> str:
    return canonical_address(entry.address, entry.version) or entry.address


def _wrong(wanted: Wanted, has: list[str], bindings: Mapping[str, str]) -> str:
    family = f"IPv{wanted.version}"
    found = ", ".join(sorted(has)) or "none"
    if wanted.count is not None:
        if len(has) == wanted.count:
            return ""
        asked = wanted.count or "none"
        return f"its {family} addresses are {found}; there must be {asked}"
    rendered = [template.render(bindings) for template in wanted.exactly]
    asked_for = [canonical_address(text, wanted.version) or text for text in rendered]
    if sorted(asked_for) == sorted(has):
        return ""
    return f"its {family} addresses are {found}; they must be {', '.join(sorted(asked_for))}"


class _Addresses:
    """none, a number, or addresses; `version` decides which addresses are any."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._many = OneOrMany(TemplateText("an address"), "a list of addresses")
        self._text = patterned(NONE + "|[0-9]{1,3}|" + ADDRESS[version])

    def read(self, value: Located, scope: Scope) -> Wanted:
        if isinstance(value, Scalar) and value.text == NONE:
            return Wanted(self._version, 0)
        if isinstance(value, Scalar) and value.plain and value.text.isdecimal():
            if len(value.text) > 3 or not value.text.isascii():
                raise refused(scope, value.span, "no node has so many addresses", "write a number")
            return Wanted(self._version, int(value.text))
        found = self._many.read(value, scope)
        for template in found:
            if not template.references and not canonical_address(template.text, self._version):
                what = f'"{template.text}" is not an address of IPv{self._version}'
                mend = "write none, a number, addresses, or ${node.ipv4} or ${node.ipv6}"
                raise refused(scope, template.span or value.span, what, mend)
        return Wanted(self._version, None, found)

    def schema(self) -> Schema:
        number = {"type": "integer", "minimum": 0, "maximum": 999}
        several = {"type": "array", "items": self._text, "minItems": 1}
        return {"anyOf": [number, self._text, several]}


IPV4 = Field("ipv4", _Addresses(4), "none, a number, or all its IPv4 addresses")
IPV6 = Field("ipv6", _Addresses(6), "none, a number, or all its IPv6 addresses but link-local")
SHAPE = Record("this expectation", IPV4, IPV6, also={"minProperties": 1})


def decode(value: Located, scope: Scope) -> AddressesExpectation:
    """The expectation. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    wanted = tuple(read[field] for field in (IPV4, IPV6) if field in read)
    if not wanted:
        scope.problems.add(value.span, "this expectation says nothing", "write ipv4: none")
        raise Unreadable
    return AddressesExpectation(value.span, wanted)
