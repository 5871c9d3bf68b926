"""Programs that run steps name: each name is one program's, and no node's."""

from __future__ import annotations

from collections.abc import Sequence

from lab.kinds.action import Named, Step
from lab.model import Topology
from lab.source import Problems
from lab.source.excerpt import quote


def programs_of(steps: Sequence[Step]) -> tuple[Named, ...]:
    """All that are named, in the order they are run."""
    return tuple(step.named for step in steps if step.named)


def check_programs(topology: Topology, steps: Sequence[Step], problems: Problems) -> None:
    """Note names that are taken."""
    taken = {name: node.span.line for node in topology.nodes for name in (node.name, node.group)}
    first: dict[str, Named] = {}
    for named in programs_of(steps):
        name = quote(named.name)
        if named.name in taken:
            what = f"{name} is the name of a node, by line {taken[named.name]}"
            problems.add(named.span, what, "give the program a name of its own")
        elif first.setdefault(named.name, named) is not named:
            what = f"{name} is the name of another program, by line {first[named.name].span.line}"
            problems.add(named.span, what, "give each program a name of its own")
