"""Which packets a step is about: how the ways they go are written.

`network: lan` alone is all of it; `from` and `to` are one direction, `between` is both, of every
two of the listed that are not one group.
"""

from __future__ import annotations

from itertools import permutations

from lab.kinds.action import listed
from lab.kinds.nodes import Nodes
from lab.model import EVERYBODY, Way
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Field, Known, ListOf, Read, Schema, refused

FROM = Field[tuple[str, ...]]("from", Nodes(), "who sends them: a node, a group or a list")
TO = Field[tuple[str, ...]]("to", Nodes(), "to whom they go")


class Sides:
    """[server, [ann, bob]]: two at least."""

    _some = ListOf(Nodes(), "a list of sides", 1)
    _two = ListOf(Nodes(), "a list of sides", 2)

    def read(self, value: Located, scope: Scope) -> tuple[tuple[str, ...], ...]:
        found = self._some.read(value, scope)
        if len(found) < 2:
            what = "there is one side, and there must be two at least"
            raise refused(scope, value.span, what, "write [server, client]")
        return found

    def schema(self) -> Schema:
        return self._two.schema()


BETWEEN = Field("between", Sides(), "both directions between these sides, in a list")
NETWORK = Field("network", Known("network"), "on which network; alone: everything on it")
WAYS = (FROM, TO, BETWEEN, NETWORK)


def ways_of(read: Read, value: Located, scope: Scope) -> tuple[Way, ...]:
    """The ways, senders left open as EVERYBODY. Raises Unreadable."""
    (network,) = read.get(NETWORK, ("",))
    if BETWEEN in read:
        for field in (FROM, TO):
            if field in read:
                what = f'"between" is both directions, and "{field.name}" is one'
                raise refused(scope, read.key(field).span, what, "keep one of them")
        return across(read[BETWEEN], network)
    if not (FROM in read or TO in read or network):
        mend = "write network: lan, or from: and to:, or between: [server, client]"
        raise refused(scope, value.span, "it is not said which packets these are", mend)
    senders, receivers = read.get(FROM, (EVERYBODY,)), read.get(TO, ("",))
    return tuple(Way(s, r, network) for s in senders for r in receivers if s != r)


def across(sides: tuple[tuple[str, ...], ...], network: str = "") -> tuple[Way, ...]:
    """Both ways between the nodes of different sides."""
    return tuple(
        Way(sender, receiver, network)
        for one, other in permutations(sides, 2)
        for sender in one
        for receiver in other
        if sender != receiver
    )


def titled(read: Read) -> str:
    """`between a and b on lan`, `from a to b`, `on lan`."""
    words = []
    if BETWEEN in read:
        sides = read[BETWEEN]
        words.append(f"between {listed('+'.join(side) for side in sides)}")
    for field in (FROM, TO):
        words += [f"{field.name} {listed(nodes)}"] if (nodes := read.find(field)) else []
    words += [f"on {name}" for name in read.get(NETWORK, ())]
    return " ".join(words)
