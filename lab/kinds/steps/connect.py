"""Plugs in a node's cable that a disconnect step pulled, and goes on once there is a carrier.

Connections of before go on where they were, as soon as TCP tries again.

Example:

    steps:
      - start: [server, client]
      - disconnect: {node: client, network: lan}
      - send: {to: client, line: does anybody hear me?}
      - connect: {node: client, network: lan}
"""

from __future__ import annotations

from lab.kinds.cable import SHAPE, Cable
from lab.source.located import Located
from lab.source.scope import Scope

__all__ = ["SHAPE", "decode"]


def decode(value: Located, scope: Scope) -> Cable:
    """The action. Raises Unreadable."""
    return Cable("connect", SHAPE.read(value, scope))
