"""A call as it is asked for: its name, and what must be among its arguments.

Law: text is found as a whole word: AF_INET is not in AF_INET6, nor 10.0.0.1 in 10.0.0.12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from lab.events import Call
from lab.kinds.calls.names import stands_for
from lab.source import Span
from lab.source.template import Template

_UNDER_WAY = "EINPROGRESS"  # of a connect that does not wait


class CallPattern(Struct, frozen=True):
    """`words`: all must be among the arguments, or be the name of the error."""

    span: Span
    name: str
    words: tuple[Template, ...] = ()

    def finds(self, call: Call, bindings: Mapping[str, str]) -> bool:
        """Whether the call was made, failed or not. Raises KeyError for an unknown reference."""
        if not stands_for(self.name, call):
            return False
        return all(_has(call, word.render(bindings)) for word in self.words)

    def done(self, call: Call, bindings: Mapping[str, str]) -> bool:
        """Whether the call did what it is for, or failed in the way that is asked for."""
        failed = call.result is None and call.error not in (
            _UNDER_WAY,
            *(word.text for word in self.words),
        )
        return not failed and self.finds(call, bindings)

    def shown(self, bindings: Mapping[str, str]) -> str:
        """`setsockopt(SO_REUSEADDR)`"""
        words = ", ".join(word.render(bindings) for word in self.words)
        return f"{self.name}({words})" if words else self.name


def _has(call: Call, word: str) -> bool:
    if word == call.error:
        return True
    left = r"(?<!\w)" if word[:1].isalnum() else ""
    right = r"(?!\w)" if word[-1:].isalnum() else ""
    whole = re.compile(left + re.escape(word) + right)
    return any(whole.search(argument) for argument in call.arguments)


def written(call: Call) -> str:
    """The call as strace writes it, cut: `connect(3, {...}, 16) = ECONNREFUSED`."""
    result = call.error or ("?" if call.result is None else call.result)
    text = f"{call.name}({', '.join(call.arguments)})"
    return f"{text if len(text) <= 100 else text[:97] + '...'} = {result}"
