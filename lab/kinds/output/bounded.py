"""Expressions over output, which come to an end.

Law: Python's regular expressions, but none can hang a judgement: `regex` finds them, which can be
stopped and lets other threads go on meanwhile. It is imported when one is looked for; what takes
no longer than the text is long is left to `re`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from lab.errors import LabError
from lab.source import Span
from lab.source.excerpt import quote

if TYPE_CHECKING:
    import regex

LIMIT: Final = 5.0  # seconds of the processor, for all that one expression looks at in one look
_CHEAP: Final = 1e-5  # seconds of a call that do not count: there may be millions of lines

_FASTER = "repetitions of repetitions can take for ever: write a+ for (a+)+, [^,]*, for (.*,)*"
_PLAINER = "write a plainer regular expression"

T = TypeVar("T")


class UntellableError(LabError):
    """The lab cannot tell whether an expression fits."""

    def __init__(self, what: str, span: Span | None, mend: str) -> None:
        super().__init__(what, help=mend)
        self.span = span


class Found(Protocol):
    """A match."""

    def start(self) -> int:
        """Where it begins."""
        ...

    def __getitem__(self, group: int, /) -> bytes: ...


class Expression:
    """One look's worth of an expression. Every method may raise UntellableError."""

    def __init__(self, source: bytes, shown: str, span: Span | None, *, linear: bool) -> None:
        """`shown` and `span` are for who is told that it is too slow; `linear`: it never is."""
        self._source, self._shown, self._span, self._linear = source, shown, span, linear
        self._left = LIMIT

    def fits(self, text: bytes) -> bool:
        """Whether it stands for the whole text, its dots for newlines too."""
        if self._linear:
            return re.compile(self._source, re.DOTALL).fullmatch(text) is not None
        compiled = self._compiled("DOTALL")
        found = self._timed(lambda left: compiled.fullmatch(text, timeout=left, concurrent=True))
        return found is not None

    def first(self, data: bytes) -> Found | None:
        """Where it is found first; ^ and $ are those of lines."""
        if self._linear:
            return re.search(self._source, data, re.MULTILINE)
        compiled = self._compiled("MULTILINE")
        return self._timed(lambda left: compiled.search(data, timeout=left, concurrent=True))

    def count(self, data: bytes) -> int:
        """How often it is found."""
        if self._linear:
            return sum(1 for _ in re.finditer(self._source, data, re.MULTILINE))
        compiled = self._compiled("MULTILINE")
        return self._timed(
            lambda left: sum(1 for _ in compiled.finditer(data, timeout=left, concurrent=True))
        )

    def _compiled(self, flag: str) -> regex.Pattern[bytes]:
        import regex  # noqa: PLC0415 - costs 10 ms, and is seldom needed

        try:
            return regex.compile(self._source, regex.RegexFlag[flag])
        except regex.error as error:  # `re` took it when the file was read
            raise UntellableError(
                f"the lab cannot read {quote(self._shown)}: {error}", self._span, _PLAINER
            ) from None

    def _timed(self, look: Callable[[float], T]) -> T:
        began = time.thread_time()
        try:
            found = look(max(self._left, _CHEAP))
        except TimeoutError:
            raise self._too_slow() from None
        self._left -= max(time.thread_time() - began - _CHEAP, 0)
        if self._left <= 0:
            raise self._too_slow()
        return found

    def _too_slow(self) -> UntellableError:
        what = (
            f"the lab cannot tell in {LIMIT:g} s of the processor whether {quote(self._shown)} fits"
        )
        return UntellableError(what, self._span, _FASTER)
