"""What a scenario may require of a machine, and whether an engine has it.

Law: pure. The words are known when a file is read; whether they hold is asked of Abilities, and
what is to be tried for that only where it is required.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from lab.ports import Abilities

_REQUIREMENT = r"([a-z][a-z0-9-]*)(?:>=([0-9]+(?:\.[0-9]+)*))?"

_VERSIONS: Mapping[str, tuple[str, Callable[[Abilities], str]]] = {
    "engine": ("Docker Engine", lambda has: has.version),
    "api": ("the engine's API", lambda has: f"{has.api[0]}.{has.api[1]}"),
    "kernel": ("the engine's kernel", lambda has: has.kernel),
}
_WORDS: Mapping[str, tuple[str, Callable[[Abilities], bool]]] = {
    "ipv6": ("IPv6 in the engine's kernel", lambda has: has.ipv6),
    "native-ipv6-only": ("an engine that makes networks without IPv4", lambda has: has.ipv6_only),
    "netem": ("the kernel's network emulation", lambda has: "netem" in has.features),
    "nfqueue": ("the kernel's handing packets to programs", lambda has: "nfqueue" in has.features),
}
_TRIED = frozenset({"netem", "nfqueue"})

KNOWN: Mapping[str, str] = {
    **{
        f"{word}>=VERSION": f"{what} of that version or newer"
        for word, (what, _) in _VERSIONS.items()
    },
    **{word: what for word, (what, _) in _WORDS.items()},
}
"""Each requirement that can be written, and what it means."""

EXPRESSION = rf"({'|'.join(_VERSIONS)})>=[0-9]+(\.[0-9]+)*|{'|'.join(_WORDS)}"
"""Matches a requirement as it is written."""

_ADVICE = f"write one of: {', '.join(KNOWN)}, as in engine>=28"


def requirement_fault(text: str) -> str:
    """What is wrong with a requirement as written; nothing, mostly."""
    match = re.fullmatch(_REQUIREMENT, text)
    word, version = match.groups() if match else (text, None)
    if word in _VERSIONS:
        return "" if version else f"write the version: {word}>=28"
    if word in _WORDS:
        return "" if version is None else f"write {word}, without a version"
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only

    near = next(iter(get_close_matches(word, [*_VERSIONS, *_WORDS], n=1)), "")
    if near in _VERSIONS:
        number = re.search(r"[0-9]+(\.[0-9]+)*", text)
        return f"write {near}>={number[0] if number else 28}"
    return f'did you mean "{near}"?' if near else _ADVICE


def tried(requires: Iterable[str]) -> frozenset[str]:
    """Those of them that only a trial on the engine's host can tell of: Abilities.features."""
    return _TRIED & frozenset(requires)


def missing(requires: Iterable[str], abilities: Abilities) -> str | None:
    """Why a scenario with these requirements cannot run there, in a sentence; None: it can."""
    for text in requires:
        word, _, asked = text.partition(">=")
        if word in _VERSIONS:
            what, has = _VERSIONS[word][0], _VERSIONS[word][1](abilities)
            if _numbers(has) < _numbers(asked):
                return f"it requires {text}, and {what} here is {has or 'of unknown version'}"
        elif word not in _WORDS or not _WORDS[word][1](abilities):
            what = _WORDS[word][0] if word in _WORDS else text
            return f"it requires {text}: {what} is missing here"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: (28, 5, 2) of `28.5.2-rc1`."""
    match = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()
