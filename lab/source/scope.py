"""What the reader of a field is told: where to note problems, and which names there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from lab.source.diagnostic import Problems
from lab.source.located import Scalar
from lab.source.template import Template

Names = Mapping[str, tuple[str, ...]]


class Scope(Struct, frozen=True):
    """`names` holds, for each sort (`node`, `network`), what every known name stands for.

    A sort that is missing could not be read: any name of it is then let pass, for the file is
    refused anyway. `templates` takes down every text with references, for the later phase
    that checks them. `awaiting`: read for a wait, where text means lines that have been seen.
    `accepting`: a golden file that is not there yet is an empty one.
    """

    problems: Problems
    names: Mapping[str, Names] = field(default_factory=dict)
    templates: list[tuple[Template, Scalar]] = field(default_factory=list)
    awaiting: bool = False
    accepting: bool = False


def did_you_mean(word: str, known: Iterable[str], listing: str = "") -> str:
    """The help for an unknown word: the nearest known one, else `listing` and all of them."""
    words = list(known)
    near = nearest(word, words)
    if near in words and near != word:
        return f'did you mean "{near}"?'
    return f"{listing}{', '.join(words)}" if words and listing else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to this one; itself where it is known, or none is near."""
    words = list(known)
    if word in words:
        return word
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and for errors only

    lowered = {known_word.lower(): known_word for known_word in reversed(words)}
    near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[near[0]] if near else word
