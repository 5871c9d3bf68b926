"""Whether nothing goes on in some nodes.

Law: a snapshot. All threads are seen asleep, then no socket has anything outstanding, then all
threads are seen again: the same ones, none having run in between. So there was one moment when
all of it held, for all nodes together. Bytes in a pipe or a unix socket need no look of their
own: they woke whoever waits for them when they were written. A packet that an impairment holds
back is outstanding, too.
"""

from collections.abc import Iterable

from .node import Node
from .processes import Task
from .refusal import GONE, Refusal


def idle(nodes: Iterable[Node]) -> bool:
    """Whether they are; of a node that has ended nothing runs any more."""
    living = list(nodes)
    before = [_asleep(node) for node in living]
    if None in before or any(map(_expects, living)):
        return False
    return before == [_asleep(node) for node in living]


def _asleep(node: Node) -> frozenset[Task] | None:
    try:
        return node.asleep()
    except Refusal as refusal:
        if refusal.kind != GONE:
            raise
        return frozenset()


def _expects(node: Node) -> bool:
    try:
        return node.expects()
    except Refusal as refusal:
        if refusal.kind != GONE:
            raise
        return False
