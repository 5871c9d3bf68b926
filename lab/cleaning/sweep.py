"""What dead runs have left, removed in passing.

Law: nobody's command fails or waits for what was somebody else's: what cannot be removed stays.
"""

from __future__ import annotations

from contextlib import suppress

from lab.cleaning.grounds import Whose, grounds, in_order
from lab.cleaning.removal import remove
from lab.errors import EngineError
from lab.ports import Engine


def sweep(engine: Engine) -> int:
    """Remove what is left behind; how many things."""
    with suppress(EngineError):
        return remove(engine, in_order(g for g in grounds(engine) if g.whose is Whose.LEFT))
    return 0
