"""A scenario's tags as pytest's markers.

Law: a tag selects and does nothing else. Each is registered, so that --strict-markers has nothing
to say; but a marker that takes arguments is somebody's who acts on it (skip, xfail, timeout), so
such a tag is a keyword alone: -k finds it, -m does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest


def mark(item: pytest.Item, tags: Iterable[str]) -> None:
    """Have -m and -k find the item by these."""
    known = _registered(item.config)
    for tag in tags:
        item.extra_keyword_matches.add(tag)
        if known.get(tag, False):
            continue
        if tag not in known:
            item.config.addinivalue_line("markers", f"{tag}: scenarios with this tag")
        item.add_marker(tag)


def _registered(config: pytest.Config) -> Mapping[str, bool]:
    """The markers there are, and whether each takes arguments."""
    names = (line.partition(":")[0] for line in config.getini("markers"))
    return {name.partition("(")[0].strip(): "(" in name for name in names}
