"""What dead runs have left, removed in passing.

Law: nobody's command fails or waits for what was somebody else's: what cannot be removed stays.
"""

from __future__ import annotations

from lab.cleaning.grounds import Whose, grounds, in_order
from lab.cleaning.removal import attempt
from lab.errors import EngineError
from lab.ports import Engine


def sweep(engine: Engine) -> int:
    """Remove what is left behind; how many things."""
    try:
        left = in_order(ground for ground in grounds(engine) if ground.whose is Whose.LEFT)
    except EngineError:
        return 0
    return len(left) - len(attempt(engine, left, wait=False)) if left else 0
