"""Which segments say again what was said before.

Law: a segment is a repeat where something in it was seen before on the same link, in the same
direction of the same connection. So who lost it, and why, is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from lab.dissection.dissected import Dissected

_ROUND = 1 << 32
Flow = tuple[str, bool, str, int | None, str, int | None]


def repeats(packets: Sequence[Dissected]) -> frozenset[int]:
    """The places, among these packets in the order of time, of those that are repeats."""
    flows: dict[Flow, _Seen] = {}
    return frozenset(
        place
        for place, found in enumerate(packets)
        if found.protocol == "tcp" and _again(found, flows)
    )


def _again(found: Dissected, flows: dict[Flow, _Seen]) -> bool:
    flow = (
        found.packet.network,
        found.packet.outgoing,
        found.source,
        found.source_port,
        found.target,
        found.target_port,
    )
    begins = "SYN" in found.flags
    seen = flows.get(flow)
    if seen is None or (begins and found.sequence != seen.first):
        seen = flows[flow] = _Seen(found.sequence)  # a port may be used for another connection
    length = found.size + begins + ("FIN" in found.flags)
    return bool(length) and seen.again(found.sequence, length)


class _Seen:
    """The parts of a stream of bytes that were seen, apart and in order."""

    def __init__(self, first: int) -> None:
        self.first = first
        self._parts: list[tuple[int, int]] = []
        self._end = 0

    def again(self, sequence: int, length: int) -> bool:
        """Whether any of it was seen before; it is now."""
        start = self._place(sequence)
        end = start + length
        near = [part for part in self._parts if part[0] <= end and start <= part[1]]
        again = any(part[0] < end and start < part[1] for part in near)
        joined = (min([start, *(p[0] for p in near)]), max([end, *(p[1] for p in near)]))
        self._parts = [part for part in self._parts if part not in near] + [joined]
        self._end = max(self._end, end)
        return again

    def _place(self, sequence: int) -> int:
        """Counted from the first on, where numbers begin again at 2^32."""
        ahead = (sequence - self.first - self._end + _ROUND // 2) % _ROUND - _ROUND // 2
        return self._end + ahead
