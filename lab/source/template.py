"""Text with `${...}` references; `$${` is a plain `${`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from lab.source.span import Span

_REFERENCE = re.compile(r"\$\$\{|\$\{([^${}]*)\}")


class Template(Struct, frozen=True, eq=False):
    """Text with `${...}` references, rendered once the run knows what they stand for."""

    text: str
    span: Span | None = None

    def __eq__(self, other: object) -> bool:
        """Wherever it is written."""
        return isinstance(other, Template) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def references(self) -> tuple[str, ...]:
        """The names inside `${...}`, in order."""
        return tuple(match[1] for match in _REFERENCE.finditer(self.text) if match[1] is not None)

    @property
    def unfinished(self) -> int | None:
        """Where a `${` stands that never becomes a reference; None when there is none."""
        blanked = _REFERENCE.sub(lambda match: "." * len(match[0]), self.text)
        place = blanked.find("${")
        return None if place < 0 else place

    def render(self, bindings: Mapping[str, str]) -> str:
        """The text with every reference replaced; an unknown one is a KeyError."""
        return self.transform(bindings, str, str)

    def transform(
        self,
        bindings: Mapping[str, str],
        written: Callable[[str], str],
        value: Callable[[str], str],
    ) -> str:
        """As render(), with `written` applied to the text between and `value` to what replaces."""
        parts: list[str] = []
        end = 0
        literal = ""
        for match in _REFERENCE.finditer(self.text):
            literal += self.text[end : match.start()]
            end = match.end()
            if match[1] is None:
                literal += "${"
                continue
            parts += (written(literal), value(bindings[match[1]]))
            literal = ""
        parts.append(written(literal + self.text[end:]))
        return "".join(parts)
