"""What standard output is: a terminal or not, how wide, with colour or without.

Law: asked once, at the front door; everything below is told and never looks.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

from msgspec import Struct, field

from lab.report.paint import Paint

PIPED = 100  # columns of a log


class Terminal(Struct, frozen=True):
    """`live`: the cursor can be moved about, so a view can be drawn and taken away.

    `cut` is the columns at which lines of tables are cut: on terminals only.
    """

    columns: int = PIPED
    cut: int = sys.maxsize
    live: bool = False
    paint: Paint = field(default_factory=Paint)


def terminal(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Terminal:
    """What this stream is. NO_COLOR with any value but the empty one means no colour."""
    if not stream.isatty():
        return Terminal()
    moves = environment.get("TERM", "dumb") != "dumb"
    colour = moves and not environment.get("NO_COLOR")
    columns = shutil.get_terminal_size().columns
    return Terminal(columns, columns, moves, Paint(colour))
