"""Lets a paused program and its children go on with SIGCONT.

Example:

    steps:
      - start: [server, client]
      - pause: server
      - send: {to: client, line: hello}
      - resume: server
"""

from __future__ import annotations

from lab.kinds.nodes import Programs
from lab.kinds.standstill import Standstill
from lab.quantities import SIGNALS
from lab.source.located import Located
from lab.source.scope import Scope

SHAPE = Programs()


def decode(value: Located, scope: Scope) -> Standstill:
    """The action. Raises Unreadable."""
    return Standstill("resume", SHAPE.read(value, scope), SIGNALS["SIGCONT"])
