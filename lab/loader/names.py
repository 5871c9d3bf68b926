"""Which names a file knows, found before anything in it is read for good.

So that an unknown name is told in the same breath as everything else that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.catalog import Catalog
from lab.loader.fields import COUNT, MOST_NODES, NETWORK_MAP, NODE_MAP, STEPS
from lab.loader.shares import SHARE_MAP
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.scope import Names


def names_of(document: Located, catalog: Catalog) -> dict[str, Names]:
    """Nodes, groups standing for members; named programs; networks; shares; services.

    What is unreadable is left out.
    """
    names: dict[str, Names] = {"service": catalog.commands}
    for sort, written in (("network", NETWORK_MAP.name), ("share", SHARE_MAP.name)):
        found = child(document, written)
        if found is None or isinstance(found, Mapping):
            names[sort] = {key.text: (key.text,) for key, _ in _pairs(found)}
    nodes = child(document, NODE_MAP.name)
    if isinstance(nodes, Mapping):
        groups: dict[str, tuple[str, ...]] = {}
        for key, node in _pairs(nodes):
            members = members_of(key.text, count_of(node))
            groups |= {member: (member,) for member in members}
            groups[key.text] = members
        names["node"] = groups
    names["program"] = {name: (name,) for name in _named(document)}
    return names


def _named(document: Located) -> Iterator[str]:
    """The names that run steps give to programs."""
    steps = child(document, STEPS.name)
    for step in steps.items if isinstance(steps, Sequence) else ():
        name = child(child(step, "run"), "as")
        if isinstance(name, Scalar):
            yield name.text


def child(value: Located | None, name: str) -> Located | None:
    """The value behind the first key of that name."""
    return next((item for key, item in _pairs(value) if key.text == name), None)


def count_of(node: Located) -> int | None:
    """A node's `count`, where it is one."""
    count = child(node, COUNT.name)
    text = count.text if isinstance(count, Scalar) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 0 < number <= MOST_NODES else None


def members_of(name: str, count: int | None) -> tuple[str, ...]:
    """The nodes behind a name: itself, or so many numbered ones."""
    return (name,) if count is None else tuple(f"{name}-{i}" for i in range(1, count + 1))


def _pairs(value: Located | None) -> Iterator[tuple[Scalar, Located]]:
    if isinstance(value, Mapping):
        for key, item in value.pairs:
            if isinstance(key, Scalar):
                yield key, item
