"""Colour, where there is a terminal that wants it.

Law: a colour never carries what the words do not say; without colour no escape is written.
"""

from enum import Enum

from msgspec import Struct

from lab.verdict import Verdict


class Style(Enum):
    """What a piece of text means; the value is its SGR parameters (ECMA-48, 8.3.117)."""

    GOOD = "32"
    BAD = "1;31"
    DOUBT = "33"
    QUIET = "2"
    STRONG = "1"


class Paint(Struct, frozen=True):
    """Puts styles on text, or leaves it as it is."""

    enabled: bool = False

    def __call__(self, text: str, style: Style | None) -> str:
        """The text in that style."""
        if not (self.enabled and style and text):
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"


VERDICT_STYLES = {
    Verdict.PASS: Style.GOOD,
    Verdict.FAIL: Style.BAD,
    Verdict.ERROR: Style.BAD,
    Verdict.SKIP: Style.DOUBT,
}
