"""The user-space way to impair: the kernel hands over every packet that leaves, one by one.

Law: made in the node's network namespace. While its rules lie, no packet leaves that it was not
shown, so if nobody looks none goes on.
"""

import time
from collections.abc import Mapping

from .course import Course
from .effects import Impairment
from .netlink import NETFILTER, Netlink
from .outlet import Outlet
from .packet_queue import PacketQueue, Waiting
from .rules import QUEUE, lay, lift


class Queueing:
    """On these interfaces. Raises OSError."""

    def __init__(self, interfaces: list[int]) -> None:
        self._queue = PacketQueue(QUEUE)
        self._outlet = Outlet()
        self.course = Course(self)
        self._rules = Netlink(NETFILTER)
        self.socket = self._queue.socket
        lay(self._rules, interfaces)

    def set(
        self, written: "Mapping[str, Mapping[str, object]]", busy: "Mapping[str, float]"
    ) -> None:
        """Have these and no others; links that are `busy` are so for so many seconds more."""
        made = {name: Impairment(each) for name, each in written.items()}
        for name, seconds in busy.items():
            if name in made:
                made[name].busy_until(time.monotonic() + seconds)
        self.course.set(made)

    def take(self) -> bool:
        """Deal with those that wait; whether there were any."""
        found = False
        for waiting in self._queue.packets():
            self.course.take(waiting, time.monotonic())
            found = True
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Of each impairment there ever was."""
        return self.course.counts()

    def held(self) -> int:
        """How many packets wait."""
        return self.course.held()

    def trouble(self) -> str:
        """What went wrong; empty: nothing."""
        if lost := self._queue.overflowed():
            return f"{lost} packets were lost before they could be looked at: too many came"
        if self._outlet.refused:
            return f"a packet could not be sent on: {self._outlet.refused}"
        return ""

    def lift(self) -> None:
        """Let all that comes go on as it is."""
        lift(self._rules)

    # -- the hand of its course

    def accept(self, packet: Waiting, data: bytes) -> None:
        """Let the packet itself go on, with these bytes."""
        self._queue.accept(packet, data)

    def drop(self, packet: Waiting) -> None:
        """Have it vanish."""
        self._queue.drop(packet)

    def send(self, data: bytes, destination: str, interface: int) -> None:
        """Send a copy on."""
        self._outlet.send(data, destination, interface)
