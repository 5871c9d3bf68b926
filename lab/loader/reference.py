"""docs/reference.md, made of the same pages as `lab explain`: python -m lab.loader.reference

Law: nothing is written here but headings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from lab.kinds import registry
from lab.loader.manual import EXPECTATIONS, RECORDS, STEPS
from lab.loader.topics import IDEA, TOPICS, Topic
from lab.source.shapes import Record

HEAD = """# Reference

Every word of the scenario language. Made from the code; do not edit it, but write it anew:
`python -m lab.loader.reference > docs/reference.md`.
`lab explain WORD` prints the same on a terminal."""


def reference() -> str:
    """The whole page, as Markdown."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield HEAD
    yield "## The file"
    for topic in TOPICS:
        if topic.sort != IDEA or topic.word == "scenario":
            yield from _topic(topic)
    for sort in (STEPS, EXPECTATIONS):
        yield f"## {sort.capitalize()}"
        for word in registry.words(sort):
            kind = registry.find(sort, word)
            yield f"### {word}"
            yield kind.text.partition("\nExample:\n")[0].rstrip()
            yield _fenced(kind.example)
    yield "## Ideas"
    for topic in TOPICS:
        if topic.sort == IDEA and topic.word != "scenario":
            yield from _topic(topic)


def _topic(topic: Topic) -> Iterator[str]:
    yield f"### {topic.word}"
    yield topic.text
    if topic.word in RECORDS:
        yield _table(RECORDS[topic.word])
    if topic.example:
        yield _fenced(topic.example)


def _table(record: Record) -> str:
    rows = [
        f"| `{field.name}` | {field.doc}{' (required)' if field.required else ''} |"
        for field in record.fields.values()
    ]
    return "\n".join(["| key | meaning |", "|---|---|", *rows])


def _fenced(example: str) -> str:
    return f"```yaml\n{example.rstrip()}\n```"


if __name__ == "__main__":
    sys.stdout.write(reference())
