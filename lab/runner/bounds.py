"""Whether the engine keeps nodes to the limits that a scenario writes.

Law: what was asked for and cannot be kept is an ERROR before anything is made. The usual limits
are a protection; where there is none, `lab doctor` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lab.errors import EngineError
from lab.model import Limits, Node
from lab.ports import Engine

_USUAL = Limits()


def check(nodes: Iterable[Node], engine: Engine) -> None:
    """Raises EngineError where a node has a narrow limit that would not be kept.

    The engine is asked only where there is one.
    """
    written = [(node.name, name) for node in nodes for name in _own(node.limits)]
    unbounded = engine.capacity().unbounded if written else frozenset()
    for node, name in written:
        if name in unbounded:
            raise EngineError(
                f"{node} is to be kept to a limit of {name}, and this engine keeps none",
                help="it has no control group for that: a rootless engine needs those of version "
                "2, and systemd; `docker info` tells what is missing. --stress limits cpus, too",
            )


def _own(limits: Limits) -> Iterator[str]:
    """Those that leave a node less than is usual: to leave it more takes no control group."""
    if limits.memory < _USUAL.memory:
        yield "memory"
    if limits.pids < _USUAL.pids:
        yield "pids"
    if limits.cpus is not None:
        yield "cpus"
