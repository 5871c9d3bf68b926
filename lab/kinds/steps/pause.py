"""Stops a program and its children where they are with SIGSTOP, as a machine that hangs would.

Its sockets stay open and the kernel goes on taking what arrives, until their buffers are full.
A resume step lets it go on.

Example:

    steps:
      - start: [server, client]
      - pause: server
      - send: {to: client, line: is anybody there?}
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
    return Standstill("pause", SHAPE.read(value, scope), SIGNALS["SIGSTOP"])
