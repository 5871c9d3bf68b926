"""What the process that impairs one node's packets does (see impairer).

Law: waits for packets, for the time at which one is due and for the agent, and for nothing else.
"""

import json
import select
import socket
import time

from .both_ways import BothWays
from .impairer import ROOM
from .refusal import Refusal

_ROUNDS = 200  # of a flood, so much is looked at before a question is answered


class Impairing:
    """The loop of that process, in the node's network namespace. Raises OSError."""

    def __init__(self, theirs: socket.socket, interfaces: list[int]) -> None:
        self._theirs = theirs
        self._ways = BothWays(interfaces)
        self._say({})

    def run(self) -> None:
        """Until the agent lets go; then all is healed, for a node that stays."""
        while True:
            ready = self._wait()
            if self._theirs in ready and not self._hear():
                self._ways.lift()
                return

    def _wait(self) -> list[socket.socket]:
        """Until something is to be done; packets are dealt with. Who has something to say."""
        queueing = self._ways.queueing
        if queueing is None:
            return select.select([self._theirs], [], [])[0]
        due = queueing.course.due()
        pause = None if due is None else max(0.0, due - time.monotonic())
        ready = select.select([queueing.socket, self._theirs], [], [], pause)[0]
        queueing.course.release(time.monotonic())
        queueing.take()
        return ready

    def _hear(self) -> bool:
        said = self._theirs.recv(ROOM)
        if not said:
            return False
        request = json.loads(said)
        for _ in range(_ROUNDS):  # what was sent before the question counts
            if self._ways.queueing is None or not self._ways.queueing.take():
                break
        try:
            if "set" in request:
                self._ways.set(request["set"], kernel=request["kernel"])
        except Refusal as refusal:
            self._say({"error": refusal.what})
            return True
        self._say(self._ways.report())
        return True

    def _say(self, message: dict[str, object]) -> None:
        self._theirs.send(json.dumps(message).encode())
