"""The packets of a node as a judgement looks at them.

Law: each is taken apart once, however many expectations ask; neither what crosses lo nor anything
else is left out without being said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from lab.dissection.dissected import Dissected
from lab.dissection.repeats import repeats
from lab.dissection.summary import line, names
from lab.events import Capture
from lab.kinds.packets.pattern import Bound, Pattern
from lab.verdict import Difference

LINES = 30  # packets shown of those there are
_LO = "lo"
_CHATTER = ("neighbor", "router", "multicast")  # ICMPv6 that every machine sends unasked


class View:
    """Of one capture in one run."""

    def __init__(self, capture: Capture, bindings: Mapping[str, str]) -> None:
        self._capture, self._bindings = capture, bindings

    @cached_property
    def packets(self) -> Sequence[Dissected]:
        """All that crossed the node's links, in the order of time."""
        from lab.dissection.layers import dissect  # noqa: PLC0415 - slow to import

        return [dissect(packet) for packet in self._capture.packets if packet.network != _LO]

    @cached_property
    def _repeats(self) -> frozenset[int]:
        return repeats(self.packets)

    def bound(self, pattern: Pattern) -> Bound:
        """The pattern in this run. Raises KeyError."""
        return pattern.bound(self._bindings)

    def fits(self, bound: Bound, place: int) -> bool:
        """Whether the packet at that place is meant."""
        asked = bound.pattern.repeat is not None
        return bound.fits(self.packets[place], repeat=asked and place in self._repeats)

    def count(self, pattern: Pattern) -> int:
        """How many are meant."""
        bound = self.bound(pattern)
        return sum(self.fits(bound, place) for place in range(len(self.packets)))

    def difference(self, asked: str) -> Difference:
        """What was asked for, beside what crossed; without what machines say unasked."""
        known = names(self._bindings)
        told = [line(each, known) for each in self.packets if not each.icmp.startswith(_CHATTER)]
        rows = [(None, each, False) for each in told[:LINES]]
        if len(told) > LINES:
            rows.append((None, f"... {len(told) - LINES} more", False))
        return Difference(((asked, None, False), *rows))
