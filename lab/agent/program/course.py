"""Packets on their way through impairments: which go on, and when.

Law: pure but for the verdicts it gives through its `Hand`; the time is told. A packet that is held
for later is copied and dropped if it fits a frame, so that its sender is not held up by it as no
wire would; what does not fit waits in the queue itself.
"""

import heapq
import itertools
from typing import Protocol

from .effects import PATIENCE, Fate, Impairment
from .packet_queue import Waiting
from .packets import Packet, read

_FRAME = 1500  # bytes; a copy must not need to be fragmented


class Hand(Protocol):
    """What can be done with a packet."""

    def accept(self, packet: Waiting, data: bytes) -> None:
        """Let the packet itself go on, with these bytes."""

    def drop(self, packet: Waiting) -> None:
        """Have it vanish."""

    def send(self, data: bytes, destination: str, interface: int) -> None:
        """Send a copy on."""


class _Late:
    """A packet that is to go on later; `waiting` None: it is gone, and its copy goes."""

    def __init__(self, packet: Packet, interface: int, fate: Fate, waiting: Waiting | None) -> None:
        self.packet = packet
        self.interface = interface
        self.fate = fate
        self.waiting = waiting
        self.gone = False


class Course:
    """The impairments by their names, and the packets that wait."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._impairments: dict[str, Impairment] = {}
        self._healed: dict[str, Impairment] = {}
        self._late: list[tuple[float, int, _Late]] = []
        self._numbers = itertools.count()
        self._overtaken: dict[Impairment, _Late] = {}

    def set(self, impairments: dict[str, Impairment]) -> None:
        """Have these from now on; those there were keep what they have counted."""
        self._healed |= self._impairments
        self._impairments = {
            name: self._healed.pop(name, impairment) for name, impairment in impairments.items()
        }

    def counts(self) -> dict[str, dict[str, int]]:
        """Of each impairment there ever was."""
        return {name: each.counts for name, each in (self._healed | self._impairments).items()}

    def held(self) -> int:
        """How many packets wait."""
        return sum(not late.gone for _, _, late in self._late)

    def take(self, waiting: Waiting, now: float) -> None:
        """A packet has come."""
        packet, fate = read(waiting.data), Fate(waiting.data, now)
        met = [i for i in self._impairments.values() if i.matches(packet, waiting.interface)]
        for impairment in met:
            if not fate.lost:
                impairment.meet(fate, packet)
        if fate.lost:
            self._hand.drop(waiting)
        else:
            self._pass(packet, fate, waiting, now)
        for impairment in met:
            self._overtake(impairment, fate)
        self.release(now)

    def _pass(self, packet: Packet, fate: Fate, waiting: Waiting, now: float) -> None:
        if fate.twice:
            self._keep(_Late(packet, waiting.interface, Fate(fate.data, fate.due), None))
        if fate.due <= now and not fate.behind:
            self._hand.accept(waiting, fate.data)
            return
        late = _Late(packet, waiting.interface, fate, waiting)
        if len(waiting.data) <= _FRAME:
            self._hand.drop(waiting)
            late.waiting = None
        if fate.behind:
            self._overtaken[fate.behind] = late
            fate.due = max(fate.due, now + PATIENCE)
        self._keep(late)

    def _keep(self, late: _Late) -> None:
        heapq.heappush(self._late, (late.fate.due, next(self._numbers), late))

    def _overtake(self, impairment: Impairment, fate: Fate) -> None:
        """The packet that waited for this one goes right behind it."""
        late = self._overtaken.get(impairment)
        if late is None or late.fate is fate or fate.lost:
            return
        del self._overtaken[impairment]
        if not late.gone:
            impairment.counts["reorder"] += 1
            late.gone = True  # from its old place
            again = _Late(late.packet, late.interface, late.fate, late.waiting)
            again.fate.due = fate.due
            self._keep(again)

    def due(self) -> float | None:
        """When the next one is to go on."""
        return self._late[0][0] if self._late else None

    def release(self, now: float) -> None:
        """Let go on what is due."""
        while self._late and self._late[0][0] <= now:
            _, _, late = heapq.heappop(self._late)
            if late.gone:
                continue
            late.gone = True
            if late.waiting is not None:
                self._hand.accept(late.waiting, late.fate.data)
            else:
                self._hand.send(late.fate.data, late.packet.destination, late.interface)
