"""What the node listens on: endpoints bound in its socket table, each in its family.

`0.0.0.0` is every address of IPv4, `[::]` every address of IPv6, `*` either of the two. TCP
sockets count once they listen, UDP sockets once they are bound. `none` asks that there be no
such socket at all. The engine's name server, at 127.0.0.11 in every node, does not count.
Nothing is ever sent to find out.

Example:

    expect:
      listener: {listening: "udp/[::]:4950"}
      server: {listening: [tcp/0.0.0.0:3490, "tcp/[::]:3490"]}
      client: {listening: none}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lab.events import Fact, NodeObservation, SocketEntry, State
from lab.kinds.standing import last_words, lost, standing
from lab.model import Endpoint, Transport
from lab.quantities import parse_endpoint
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import OneOrMany, Parsed, Unreadable, patterned
from lab.verdict import Judgement, failed, passed, unknown

NONE = "none"
_NAME_SERVER = "127.0.0.11"  # the engine's own, in every node: no program there has bound it
_BOUND = {Transport.TCP: frozenset({"LISTEN"}), Transport.UDP: frozenset({"UNCONN", "ESTAB"})}


class ListeningExpectation(Struct, frozen=True):
    """All of `endpoints` are bound; none given: nothing is."""

    span: Span
    endpoints: tuple[Endpoint, ...]

    @property
    def kind(self) -> str:
        return "listening"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset({Fact.SOCKETS})

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:  # noqa: ARG002
        if error := lost(seen):
            return error
        if seen.sockets is None:
            return unknown("the lab cannot tell: the socket table could not be read")
        bound = [entry.local for entry in seen.sockets if _is_bound(entry)]
        if not self.endpoints:
            return failed(f"it listens on {_listed(bound)}") if bound else passed()
        missing = [end for end in self.endpoints if not any(_same(end, has) for has in bound)]
        if not missing:
            return passed()
        others = f"it listens on {_listed(bound)}" if bound else "it listens on nothing"
        reason = f"{_listed(missing)} is not bound: {others}; {standing(seen.program)}"
        over = seen.program.state is State.ENDED
        return failed(reason, advice=last_words(seen.program) if over else _family(missing, bound))


def _is_bound(entry: SocketEntry) -> bool:
    transport = entry.local.transport
    if entry.local.address == _NAME_SERVER:
        return False
    return entry.state in _BOUND[transport] and (
        transport is Transport.TCP or entry.remote is None or entry.remote.port == 0
    )


def _same(asked: Endpoint, has: Endpoint) -> bool:
    if (asked.transport, asked.port) != (has.transport, has.port):
        return False
    return has.address in ("0.0.0.0", "::") if asked.address == "*" else asked == has


def _family(missing: Iterable[Endpoint], bound: Iterable[Endpoint]) -> str:
    """Advice where only the family or the address is another."""
    for asked in missing:
        for has in bound:
            if (asked.transport, asked.port) == (has.transport, has.port):
                return f"the port is right, the address is another: {has} is not {asked}"
    return ""


def _listed(endpoints: Iterable[Endpoint]) -> str:
    return ", ".join(sorted(map(str, endpoints)))


def _parse(text: str) -> Endpoint | None:
    return None if text == NONE else parse_endpoint(text)


_ENDPOINT = rf"{NONE}|(tcp|udp)/(\[[0-9A-Fa-f:.]+\]|[0-9.]+|\*):[0-9]{{1,5}}"
SHAPE = OneOrMany(
    Parsed(
        "an endpoint",
        _parse,
        "write transport/address:port: tcp/0.0.0.0:3490, or none",
        patterned(_ENDPOINT),
    ),
    "a list of endpoints",
)


def decode(value: Located, scope: Scope) -> ListeningExpectation:
    """The expectation. Raises Unreadable."""
    found = SHAPE.read(value, scope)
    endpoints = tuple(endpoint for endpoint in found if endpoint is not None)
    if len(found) > 1 and (len(set(found)) < len(found) or None in found):
        scope.problems.add(
            value.span,
            "an endpoint is listed twice, or beside none",
            "list each once; none stands alone",
        )
        raise Unreadable
    return ListeningExpectation(value.span, endpoints)
