"""Notices that facts of nodes change.

Law: costs nothing when nothing is watched, and at most a third of one processor however many
nodes are. Each pass glances at every watched node, and looks at the facts of every tenth in full,
so a change that leaves the number of sockets as it was is found a little later: after as many
passes, however many nodes are watched.
"""

import time
from collections.abc import Callable, Sequence

from .node import Facts, Node
from .refusal import Refusal

PAUSE = 0.003  # seconds between passes
FULL = 10  # passes from one full look at a node to the next


class Watch:
    """What was last seen of one node."""

    def __init__(self, node: Node, facts: Sequence[str]) -> None:
        self._node = node
        self._facts = facts
        self._full = node.look(facts)
        self._glance = node.glance(facts)

    def changed(self, *, fully: bool) -> bool:
        """Whether the facts are others than when last asked; looks them up."""
        glance, before = self._node.glance(self._facts), self._glance
        self._glance = glance
        return (fully or glance != before) and self._differs(self._node.look(self._facts))

    def _differs(self, full: Facts) -> bool:
        before, self._full = self._full, full
        return full != before


class Watches:
    """The watched nodes by their keys; `tell` is called with the key of one that changed."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._watches: dict[str, Watch] = {}
        self._passes = 0
        self._due = 0.0

    def add(self, key: str, node: Node, facts: Sequence[str]) -> None:
        """Watch a node, from what is seen now on."""
        self._watches[key] = Watch(node, facts)

    def remove(self, key: str) -> None:
        """Stop watching it, if it is watched."""
        self._watches.pop(key, None)

    def pause(self) -> float | None:
        """Seconds until the next pass, None for no pass."""
        return max(0.0, self._due - time.monotonic()) if self._watches else None

    def look(self) -> None:
        """Make a pass if one is due."""
        begun = time.monotonic()
        if begun < self._due or not self._watches:
            return
        self._passes += 1
        for at, key in enumerate(list(self._watches)):
            self._look(key, fully=(at + self._passes) % FULL == 0)
        ended = time.monotonic()
        self._due = ended + max(PAUSE, 2 * (ended - begun))

    def _look(self, key: str, *, fully: bool) -> None:
        try:
            changed = self._watches[key].changed(fully=fully)
        except Refusal:
            self.remove(key)  # it ended: its watcher looks, and is told so
            changed = True
        if changed:
            self._tell(key)
