"""What the program writes to its standard error, said in the same ways as stdout.

A program that must run well (exit 0 or running) and of whose stderr nothing is said must
write nothing there; `stderr: "..."` allows anything.

Example:

    expect:
      client:
        exit: 2
        stderr: |
          client: connect: Connection refused
          client: failed to connect
"""

from lab.kinds.output.decoding import OUTPUT, decode_output
from lab.kinds.output.expectation import OutputExpectation
from lab.source.located import Located
from lab.source.scope import Scope

SHAPE = OUTPUT


def decode(value: Located, scope: Scope) -> OutputExpectation:
    """The expectation. Raises Unreadable."""
    return decode_output("stderr", value, scope)
