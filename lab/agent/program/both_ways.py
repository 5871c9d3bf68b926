"""The two ways to impair one node's packets behind one interface: the kernel's, and the queue's.

Law: the kernel impairs what chooses no packets, where it can and may; from the first impairment
on that it cannot have, all of the node's are the queue's, for good. Counts go on from one way to
the other, and a link that is still busy in the one is so in the other.
"""

from collections.abc import Mapping

from . import segments
from .emulation import Emulation
from .exact import exact
from .queueing import Queueing

Written = Mapping[str, Mapping[str, object]]
KERNEL, QUEUE = "netem", "nfqueue"


class BothWays:
    """For the network namespace this is made in, and these interfaces of it."""

    def __init__(self, interfaces: list[int]) -> None:
        self._interfaces = interfaces
        self._emulation: Emulation | None = None
        self.queueing: Queueing | None = None
        self._by: dict[str, list[str]] = {}

    def set(self, written: Written, *, kernel: bool) -> None:
        """Have these and no others; `kernel`: it may. Raises OSError, Refusal."""
        way = KERNEL if kernel and self._emulates(written) else QUEUE
        if way == QUEUE:
            self._queue(written)
        for name in written:
            ways = self._by.setdefault(name, [])
            if way not in ways:
                ways.append(way)

    def _emulates(self, written: Written) -> bool:
        wanted = exact(written)
        if self.queueing or wanted is None:
            return False
        if not wanted and self._emulation is None:
            return True  # nothing is to be done yet
        try:
            if self._emulation is None:
                self._emulation = Emulation(self._interfaces)
                if segments.joined():
                    self._emulation.lift()
                    self._emulation = None
            return self._emulation is not None and self._emulation.set(wanted)
        except OSError:  # a kernel without it; the queue does the same
            return False

    def _queue(self, written: Written) -> None:
        busy: dict[str, float] = {}
        if self.queueing is None:
            self.queueing = Queueing(self._interfaces)
            busy = self._emulation.cede() if self._emulation else {}
        self.queueing.set(written, busy)

    def report(self) -> dict[str, object]:
        """`counts` of each there ever was, `held`, `trouble`, and `by` which ways each went."""
        ways = [each for each in (self._emulation, self.queueing) if each is not None]
        counts: dict[str, dict[str, int]] = {}
        for each in ways:
            for name, found in each.counts().items():
                before = counts.setdefault(name, {})
                for word, number in found.items():
                    before[word] = before.get(word, 0) + number
        return {
            "counts": counts,
            "held": sum(each.held() for each in ways),
            "trouble": next(filter(None, (each.trouble() for each in ways)), ""),
            "by": self._by,
        }

    def lift(self) -> None:
        """Heal all. Raises OSError."""
        for each in (self._emulation, self.queueing):
            if each is not None:
                each.lift()
