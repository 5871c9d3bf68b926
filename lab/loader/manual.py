"""What there is to know about each word of the language: `lab explain` and the reference.

Law: a key's line is that of the Field which reads it, a kind's page its module's own; here stand
only the words that hold them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent

from msgspec import Struct

from lab.kinds import registry
from lab.kinds.output.decoding import CLAIMS
from lab.kinds.reading import BESIDE_FIELDS
from lab.loader import topics
from lab.loader.fields import FILE, LIMITS_RECORD, NETWORK, NODE
from lab.loader.links import ATTACHED
from lab.loader.shares import SHARE
from lab.source.shapes import Field, Record

STEPS = "steps"
EXPECTATIONS = "expectations"


class Page(Struct, frozen=True):
    """One word: what it is in a line, and all there is to know; `sort` groups it in lists."""

    word: str
    sort: str
    sentence: str
    text: str


def pages() -> Mapping[str, Page]:
    """All pages by word; a word that means several things has one page with all of them.

    A page's `word` is the one it is listed under; it may be found by another.
    """
    found: dict[str, Page] = {}
    for page in (*_topics(), *_kinds(), *_keys()):
        first = found.get(page.word)
        if first is None:
            found[page.word] = page
        elif page.sort not in KEYS:
            text = f"{first.text.rstrip()}\n\nAlso, {page.sort}: {_lowered(page.text)}"
            found[page.word] = Page(page.word, first.sort, first.sentence, text)
    for alias, word in topics.ALIASES.items():
        found[alias] = found[word]
    return found


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _topics() -> Iterator[Page]:
    for topic in topics.TOPICS:
        record = RECORDS.get(topic.word)
        parts = [topic.text]
        if record is not None:
            parts.append(f"Its keys:\n\n{listing(record.fields.values())}")
        if topic.example:
            parts.append("Example:\n\n" + indent(topic.example, "    "))
        sentence = topic.text.split("\n\n")[0].replace("\n", " ")
        yield Page(topic.word, topic.sort, sentence, "\n\n".join(p.rstrip() for p in parts))


def _kinds() -> Iterator[Page]:
    for sort, single in ((STEPS, "a step"), (EXPECTATIONS, "an expectation")):
        for word in registry.words(sort):
            kind = registry.find(sort, word)
            yield Page(word, single, kind.sentence, kind.text)


def _keys() -> Iterator[Page]:
    """Keys that have no page of their own."""
    for sort, (home, fields) in _HOMES.items():
        for field in fields:
            text = f"{field.doc}\n\nIt is {sort}: lab explain {home}"
            yield Page(field.name, sort, field.doc, text)


def listing(fields: Iterable[Field[object]]) -> str:
    """A line for each key."""
    rows = [(f.name, f.doc + (" (required)" if f.required else "")) for f in fields]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"    {name:{width}}  {doc}" for name, doc in rows)


RECORDS: Mapping[str, Record] = {
    "scenario": FILE,
    "networks": NETWORK,
    "nodes": NODE,
    "limits": LIMITS_RECORD,
    "shares": SHARE,
}

_HOMES: Mapping[str, tuple[str, tuple[Field[object], ...]]] = {
    "a key of a scenario": ("scenario", tuple(FILE.fields.values())),
    "a key of a node": ("nodes", tuple(NODE.fields.values())),
    "a key of a network": ("networks", tuple(NETWORK.fields.values())),
    "a key of a node's place on a network": ("networks", tuple(ATTACHED.fields.values())),
    "a key of a share": ("shares", tuple(SHARE.fields.values())),
    "a key of limits": ("limits", tuple(LIMITS_RECORD.fields.values())),
    "a key beside a step's kind": ("steps", BESIDE_FIELDS),
    "a key of stdout and stderr": ("stdout", tuple(CLAIMS.fields.values())),
}
KEYS = frozenset(_HOMES)
