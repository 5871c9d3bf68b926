"""Which packets an effect falls on, counted from 1.

Law: a pure function of the seed and the packet's number, so the same seed chooses the same ones,
whenever they come. Written `{"every": 3}`, `{"nth": [2, 5]}` or `{"share": 0.2}`.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b

from .refusal import UNKNOWN, Refusal

Chooser = Callable[[int], bool]
_WHOLE = 2**64


def fraction(seed: str, number: int) -> float:
    """From 0 up to 1, evenly spread."""
    drawn = blake2b(f"{seed}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) / _WHOLE


def chooser(written: object, seed: str) -> Chooser:
    """Whether packet number so and so is chosen. Raises Refusal."""
    match written:
        case {"every": int(every)} if every > 0:
            return lambda number: number % every == 0
        case {"nth": [*numbers]}:
            chosen = frozenset(numbers)
            return lambda number: number in chosen
        case {"share": int() | float() as share}:
            return lambda number: fraction(seed, number) < share
        case Mapping():
            raise Refusal(UNKNOWN, f"{dict(written)} chooses no packets")
    raise Refusal(UNKNOWN, f"{written!r} chooses no packets")
