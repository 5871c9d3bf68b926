"""Many connections, opened without waiting for any one of them.

None is tried twice here. The kernel repeats a SYN that nobody answered, as when the server's queue
of those to be accepted is full, after 1, 3, 7 ... seconds; Opening counts how often it did.
"""

from __future__ import annotations

import select
import socket
import struct

from loading.watching import Trouble, Watch

TYPE_CHECKING = False  # typing takes longer to import than these programs run
if TYPE_CHECKING:
    from clibrary.netdb import Candidate

AT_ONCE = 256  # how many connects may be under way; a burst would only overflow the server's queue
RETRANSMISSIONS = struct.Struct("=100xI")  # tcpi_total_retrans in struct tcp_info (linux/tcp.h)


class Opening:
    """Connections to one address, the first of which is there already."""

    def __init__(
        self, watch: Watch, trouble: Trouble, candidate: Candidate, first: socket.socket
    ) -> None:
        self.opened: list[socket.socket] = []
        self.repeated = 0  # SYNs
        self._watch = watch
        self._trouble = trouble
        self._candidate = candidate
        self._under_way: dict[int, socket.socket] = {}
        self._keep(first)

    def run(self, connections: int) -> None:
        """Open so many in all. Afterwards each is there or has failed."""
        left = connections - 1
        while left or self._under_way:
            while left and len(self._under_way) < AT_ONCE:
                left -= 1
                self._begin()
            if self._under_way and not self._watch.attend(self._finish):
                self._trouble.count("connect: no answer in time", left + len(self._under_way))
                break
        for talker in self._under_way.values():
            talker.close()

    def _begin(self) -> None:
        to = self._candidate
        try:
            talker = socket.socket(to.family, to.socktype, to.protocol)
        except OSError as error:
            self._trouble.failed("socket", error.errno)
            return
        talker.setblocking(False)
        try:
            talker.connect(to.address)
        except BlockingIOError:  # EINPROGRESS: that it can be written to is the answer
            self._under_way[talker.fileno()] = talker
            self._watch.epoll.register(talker, select.EPOLLOUT)
        except OSError as error:
            self._trouble.failed("connect", error.errno)
            talker.close()
        else:
            self._keep(talker)

    def _finish(self, number: int, _: int) -> None:
        talker = self._under_way.pop(number)
        self._watch.epoll.unregister(number)
        failure = talker.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            self._trouble.failed("connect", failure)
            talker.close()
        else:
            self._keep(talker)

    def _keep(self, talker: socket.socket) -> None:
        talker.setblocking(False)
        info = talker.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, RETRANSMISSIONS.size)
        self.repeated += RETRANSMISSIONS.unpack(info)[0]
        self.opened.append(talker)
