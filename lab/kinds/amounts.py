"""How many of something there must be, as it is written: a number, or bounds.

What is read is imported when it is: most scenarios count nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import ByForm, Field, Integer, Read, Record, Schema, Unreadable

if TYPE_CHECKING:
    from lab.kinds.amount import Amount

LARGEST = 100_000  # that may be written

LOW = Field("at-least", Integer("a number", 0, LARGEST), "no fewer than this")
HIGH = Field("at-most", Integer("a number", 0, LARGEST), "no more than this")
ONE_BOUND: Schema = {"anyOf": [{"required": [LOW.name]}, {"required": [HIGH.name]}]}


def bounds(read: Read, value: Located, scope: Scope) -> Amount:
    """The amount of a record with these fields. Raises Unreadable where nothing fits them."""
    from lab.kinds.amount import MANY, Amount  # noqa: PLC0415 - see above

    amount = Amount(read.get(LOW, 0), read.get(HIGH, MANY))
    unbound = LOW not in read and HIGH not in read
    if amount.low > amount.high or unbound:
        what = "there is no bound here" if unbound else "no number is within these bounds"
        scope.problems.add(value.span, what, "write at-least: 2, at-most: 5 or both")
        raise Unreadable
    return amount


class _Bounds:
    """{at-least: N, at-most: N}"""

    _record = Record("an amount", LOW, HIGH, also=ONE_BOUND)

    def read(self, value: Located, scope: Scope) -> Amount:
        return bounds(self._record.read(value, scope), value, scope)

    def schema(self) -> Schema:
        return self._record.schema()


class _Exactly:
    """N"""

    _number = Integer("a number", 0, LARGEST)

    def read(self, value: Located, scope: Scope) -> Amount:
        from lab.kinds.amount import Amount  # noqa: PLC0415 - see above

        number = self._number.read(value, scope)
        return Amount(number, number)

    def schema(self) -> Schema:
        return self._number.schema()


AMOUNT: ByForm[Amount] = ByForm(
    "a number or bounds",
    "write count: 1 or count: {at-least: 2}",
    scalar=_Exactly(),
    mapping=_Bounds(),
)
