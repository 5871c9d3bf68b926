"""How many nodes come to a network, or leave it, at the same time.

Law: on engines before 25 no more than two. Their libnetwork counts what is on a network in an
object that all calls share, and adjusts it unguarded: when three calls meet, one may be counted
twice or not at all, and the engine then refuses to remove the network until it is restarted.

Engines from 28 count right, but remember wrong: for a node that comes they list what is on the
network, and remember all that was found, also what has left since. With the same end. So on no
engine does one leave while others come: the order of a run sees to it; when the lab dies, holders
wait to be removed (payloads.py), and who removes them waits for those that still come
(lab.cleaning.removal). And there a network serves one case only, since it was seen that the next
case's nodes met what one of the last had left, though its removal had been answered.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

COUNTS_WELL = (1, 44)  # the API of Engine 25
REMEMBERS_WRONG = (1, 48)  # of Engine 28
_AT_ONCE = 2


class Turns:
    """Turns at each network, by its name; any number of threads may ask."""

    def __init__(self, api: tuple[int, int]) -> None:
        self._needed = api < COUNTS_WELL
        self._lock = threading.Lock()
        self._at: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(_AT_ONCE)
        )

    @contextmanager
    def taken(self, networks: Iterable[str]) -> Iterator[None]:
        """Wait for a turn at all of them. Always in one order, so nobody waits in a circle."""
        with ExitStack() as stack:
            for network in sorted(networks) if self._needed else ():
                with self._lock:
                    turn = self._at[network]
                stack.enter_context(turn)
            yield

    def forget(self, network: str) -> None:
        """It is gone."""
        with self._lock:
            self._at.pop(network, None)
