"""Gives a node other addresses on a network, or on all of its networks where none is named.

It keeps its interface and its routes. The new addresses are free ones of the same subnets, and
nobody is told of them: names and `${client.ip}` go on meaning the address it had first, and its
connections of before have lost their end.

Example:

    steps:
      - start: [server, client]
      - renumber: {node: client, network: lan}
      - renumber: server
"""

from __future__ import annotations

from lab.kinds.cable import SHAPE, Cable
from lab.source.located import Located
from lab.source.scope import Scope

__all__ = ["SHAPE", "decode"]


def decode(value: Located, scope: Scope) -> Cable:
    """The action. Raises Unreadable."""
    return Cable("renumber", SHAPE.read(value, scope))
