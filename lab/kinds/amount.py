"""How many of something there must be."""

from __future__ import annotations

from msgspec import Struct

MANY = 10**9  # more than anything is counted to


class Amount(Struct, frozen=True):
    """A number of things, from `low` to `high`, both included."""

    low: int
    high: int

    def __contains__(self, number: int) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return str(self.low)
        if self.high == MANY:
            return f"at least {self.low}"
        return f"at most {self.high}" if not self.low else f"{self.low} to {self.high}"


AT_LEAST_ONE = Amount(1, MANY)
