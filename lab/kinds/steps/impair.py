"""Makes links bad: packets are lost, late, doubled, spoilt, out of order, or wait for a slow link.

    loss, duplicate, corrupt, reorder   which: 20%, {every: 3}, {nth: 2} or {nth: [2, 5]}
    delay: 50ms, jitter: 10ms           all come later; by up to so much more or less
    rate: 1mbit                         what goes in a second: bit, kbit, mbit, gbit
    network: lan                        of the packets on it; beside from and to: there alone
    from: client, to: server            of those one sends, to the other; nodes, groups, lists
    between: [server, client]           of those in both directions
    only: udp/4950                      udp, tcp or icmp alone; with a port, from or to it

A share is by chance, and by the scenario's `seed`: run again, the same packets are lost. Packets
are counted for each sender, from when the step is done.

A packet is what a node hands to its link: a datagram too large for one frame is one packet, and
a TCP segment is one, whatever the machine's offloads make of it. A spoilt one has a wrong
checksum: the receiver's kernel throws it away. One to be overtaken waits for the next at most
200 ms. Neighbour discovery, ARP and group memberships are never touched. A packet meets all
impairments it fits, in their order; a slow link sends it before it is late.

A delay without jitter and a rate are the same every time, so where the kernel has netem it sees
to them; the report says so. All else the lab does itself, packet by packet, and then all of what
that node sends. LAB_IMPAIR=nfqueue has it do everything.

Every effect must fall on a packet until the end, or the verdict is ERROR, as nothing was shown;
`may-miss: true` allows it. What is wrong from the start is written at the top of the file, under
`impair:`, in a list.

Example:

    steps:
      - start: server
      - impair: {from: client, to: server, loss: {nth: 2}, only: tcp/3490}
      - impair: {network: lan, delay: 50ms, jitter: 10ms}
      - start: client
      - heal: {network: lan}
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from lab.events import Exit
from lab.kinds.action import Effect, Wanted
from lab.kinds.impairment import SHAPE
from lab.kinds.impairment import decode as decode_impairment
from lab.model import Impairment
from lab.ports import Stage
from lab.source.located import Located
from lab.source.scope import Scope

__all__ = ["SHAPE", "Impair", "decode"]


class Impair(Struct, frozen=True):
    """From now on."""

    kind: ClassVar[str] = "impair"
    effect: ClassVar[Effect] = Effect.LINKS
    endings: ClassVar[tuple[Exit, ...]] = ()
    wanted: ClassVar[Wanted] = ()
    nodes: ClassVar[tuple[str, ...]] = ()
    impairment: Impairment

    @property
    def title(self) -> str:
        return f"impair: {self.impairment.title}"

    def apply(self, stage: Stage, within: float) -> None:  # noqa: ARG002
        stage.links.impair(self.impairment)


def decode(value: Located, scope: Scope) -> Impair:
    """The action. Raises Unreadable."""
    return Impair(decode_impairment(value, scope))
