"""How the nodes of a step are written, or programs: one, a group, or a list of them."""

from __future__ import annotations

from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Known, OneOrMany, Schema, refused


class Nodes:
    """Each node once, groups as their members."""

    _known = Known("node")

    def __init__(self) -> None:
        self._names = OneOrMany(self._known, "a list of nodes")

    def read(self, value: Located, scope: Scope) -> tuple[str, ...]:
        found = [node for members in self._names.read(value, scope) for node in members]
        seen: set[str] = set()
        for node in found:
            if node in seen:
                what = f'"{node}" is listed twice'
                raise refused(scope, value.span, what, "a group stands for all its members")
            seen.add(node)
        return tuple(found)

    def schema(self) -> Schema:
        return self._names.schema()


PROGRAM = Known("node", also="program")
"""A node, for the program that is its own, or the name that a run step gave to one."""


class Programs(Nodes):
    """As Nodes, and programs by the names that run steps gave them."""

    _known = PROGRAM
