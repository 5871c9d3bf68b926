"""What is captured on one node, as far as the agent has handed it over.

Law: asks for what is new and adds it; what was handed over once stays.
"""

from __future__ import annotations

from lab.errors import EngineError
from lab.events import Capture, Packet
from lab.ports import Agent, Crossing


class Recording:
    """Of the node the agent knows by `key`; its packets carry the name `node`."""

    def __init__(self, agent: Agent, key: str, node: str, what: Crossing) -> None:
        self._agent, self._key, self._node = agent, key, node
        self.whole = what is Crossing.LINKS  # so that what it has not got did not cross
        self._so_far = Capture()

    def now(self) -> Capture:
        """All that crossed its links up to now. Raises EngineError."""
        new = self._agent.packets(self._key, self._node)
        packets: tuple[Packet, ...] = (*self._so_far.packets, *new.packets)
        self._so_far = Capture(packets, new.gap, new.epoch)
        return self._so_far

    def last(self) -> Capture:
        """The same, as the last thing that is asked: without an agent, what there is of it."""
        try:
            return self.now()
        except EngineError as error:
            return Capture(self._so_far.packets, error.what, self._so_far.epoch)
