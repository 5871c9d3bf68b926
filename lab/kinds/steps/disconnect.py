"""Pulls a node's cable: from a network, or from all of its networks where none is named.

The machine keeps its interface, addresses and routes, and sees no carrier. Nobody is told:
connections stay open on both sides, and what is sent is lost. A connect step plugs it in again;
at the end it is of no matter.

Example:

    steps:
      - start: [server, client]
      - disconnect: client
      - send: {to: client, line: does anybody hear me?}
      - connect: client
      - disconnect: {node: server, network: lan}
"""

from __future__ import annotations

from lab.kinds.cable import SHAPE, Cable
from lab.source.located import Located
from lab.source.scope import Scope

__all__ = ["SHAPE", "decode"]


def decode(value: Located, scope: Scope) -> Cable:
    """The action. Raises Unreadable."""
    return Cable("disconnect", SHAPE.read(value, scope))
