"""What the program writes to its standard output: a block that is all of it, in order.

`...` alone on a line skips any lines; ` (re)`, ` (glob)`, ` (esc)` and ` (?)` at the end of a
line choose another rule than equality. The last newline counts. In a wait, text means lines
that have been seen, whatever came before or after them. Or a mapping: contains, matches,
any-order, never with until.

Example:

    expect:
      listener:
        stdout: |
          listener: waiting to recvfrom...
          listener: got packet from ${talker.ip}
          listener: packet is [0-9]+ bytes long (re)
          ...
      talker:
        stdout: {contains: [sent 5 bytes], never: error, until: exit}
"""

from lab.kinds.output.decoding import OUTPUT, decode_output
from lab.kinds.output.expectation import OutputExpectation
from lab.source.located import Located
from lab.source.scope import Scope

SHAPE = OUTPUT


def decode(value: Located, scope: Scope) -> OutputExpectation:
    """The expectation. Raises Unreadable."""
    return decode_output("stdout", value, scope)
