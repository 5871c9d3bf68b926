"""What must be true of the packets that are meant."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from lab.kinds.amount import MANY, Amount
from lab.kinds.packets.pattern import Pattern
from lab.kinds.packets.view import View
from lab.source import Span
from lab.verdict import Judgement, failed, passed


class Counted(Struct, frozen=True):
    """So many of them."""

    span: Span
    pattern: Pattern
    amount: Amount

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Whatever is meant in it."""
        return (self.pattern,)

    def judge(self, view: View) -> Judgement:
        """What it says of the packets so far. Raises KeyError."""
        count = view.count(self.pattern)
        if count in self.amount:
            return passed(final=self.amount.high == MANY)
        are = {0: "no packet on its links is", 1: "one packet on its links is"}
        said = are.get(count, f"{count} packets on its links are")
        must = "there must be none" if self.amount == NONE else f"there must be {self.amount}"
        asked = f"{self.amount if self.amount != NONE else 'none'}: {self.pattern}"
        found = failed(
            f"{said} {self.pattern}; {must}",
            final=count > self.amount.high,
            difference=view.difference(asked),
        )
        return replace(found, span=self.span)


NONE = Amount(0, 0)


class Ordered(Struct, frozen=True):
    """One of each, in this order, with any others between them."""

    span: Span
    patterns: tuple[Pattern, ...]

    def judge(self, view: View) -> Judgement:
        """As above."""
        place = 0
        for number, pattern in enumerate(self.patterns):
            bound = view.bound(pattern)
            left = range(place, len(view.packets))
            found = next((at for at in left if view.fits(bound, at)), None)
            if found is None:
                behind = f" behind {self.patterns[number - 1]}" if number else ""
                asked = ", then ".join(map(str, self.patterns))
                reason = f"no packet on its links is {pattern}{behind}"
                return replace(failed(reason, difference=view.difference(asked)), span=self.span)
            place = found + 1
        return passed(final=True)
