"""How a node's places on networks are written: a list of names, or each with its addresses."""

from __future__ import annotations

from msgspec import Struct

from lab.loader import hints
from lab.quantities import canonical_address
from lab.source import Span
from lab.source.located import Located, Scalar, describe
from lab.source.scope import Scope
from lab.source.shapes import (
    ByForm,
    Field,
    Known,
    ListOf,
    MapOf,
    OneOrMany,
    Parsed,
    Record,
    Schema,
    Text,
    patterned,
    refused,
)

ADDRESS = "[0-9]+([.][0-9]+){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"  # as far as a schema can tell


class Word(Struct, frozen=True):
    """Text with its place."""

    text: str
    span: Span


class Placed:
    """A text shape that keeps the place."""

    def __init__(self, shape: Text | Parsed[str]) -> None:
        self._shape = shape

    def read(self, value: Located, scope: Scope) -> Word:
        return Word(self._shape.read(value, scope), value.span)

    def schema(self) -> Schema:
        return self._shape.schema()


def _address(text: str) -> str:
    for version in (4, 6):
        if found := canonical_address(text, version):
            return found
    raise ValueError("write 192.0.2.10 or 2001:db8::10, without a prefix length")


class Attached:
    """What stands behind a network's name: nothing, or fixed addresses."""

    address = Field(
        "address",
        OneOrMany(
            Placed(Parsed("an address", _address, "write an address", patterned(ADDRESS))),
            "a list of addresses",
        ),
        "its address there, or a list: one of each family",
    )
    record = Record("a place on a network", address, hints=hints.PLACE)

    def read(self, value: Located, scope: Scope) -> tuple[Word, ...]:
        if isinstance(value, Scalar) and value.empty:
            return ()
        if isinstance(value, Scalar):
            what = f"a place on a network is a mapping, not {describe(value)}"
            raise refused(scope, value.span, what, f"write {{address: {value.text}}}")
        return self.record.read(value, scope).get(self.address, ())

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "null"}, self.record.schema()]}


class Link(Struct, frozen=True):
    """A network's name behind a node's `networks`, with the addresses asked for."""

    network: str
    span: Span
    addresses: tuple[Word, ...] = ()


class _Listed:
    """[lan, wan]"""

    _list = ListOf(Known("network"))

    def read(self, value: Located, scope: Scope) -> tuple[Link, ...]:
        found = self._list.read(value, scope)
        spans = [item.span for item in getattr(value, "items", ())]
        return tuple(Link(name, span) for (name,), span in zip(found, spans, strict=True))

    def schema(self) -> Schema:
        return self._list.schema()


class _Mapped:
    """{lan: {address: ...}}"""

    _map = MapOf(Known("network"), Attached())

    def read(self, value: Located, scope: Scope) -> tuple[Link, ...]:
        found = self._map.read(value, scope)
        return tuple(Link(name, key.span, addresses) for key, (name,), addresses in found)

    def schema(self) -> Schema:
        return self._map.schema()


NETWORKS = Field(
    "networks",
    ByForm[tuple[Link, ...]](
        "a list of networks",
        "write networks: [lan], or networks: {lan: {address: 192.0.2.10}}",
        sequence=_Listed(),
        mapping=_Mapped(),
    ),
    "the networks it is on: a list, or a mapping to {address: ...}",
)
ATTACHED = Attached.record
