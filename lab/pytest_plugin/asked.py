"""Which YAML files pytest is asked to run as scenarios; all others are somebody else's.

Law: a file that nobody points at is never opened.

    lab_scenarios is set      what it names and what lies below, whatever pytest is called with
    it is not                 files in scenarios/ of a project of the lab, where that folder, or
                              one in it, is named on the command line or in testpaths
    either way                a file that is named itself, if it has a scenario's `intent:` or
                              `nodes:`: other plugins have YAML files of their own
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.project import is_root, is_scenario_file

_OWN_KEY = re.compile(rb"^(intent|nodes)[ \t]*:", re.MULTILINE)
_ENOUGH = 1024 * 1024  # bytes; no scenario is longer


def asked(path: Path, session: pytest.Session) -> bool:
    """Whether the file is to be collected."""
    named = session.isinitpath(path)
    if not named and not is_scenario_file(path):
        return False
    folders = session.config.getini("lab_scenarios")
    if folders is not None and any(path.is_relative_to(folder) for folder in folders):
        return True
    within = list(_within_project(path))
    if folders is None and any(session.isinitpath(folder) for folder in within):
        return True
    return named and (bool(within) or _looks_like_one(path))


def _within_project(path: Path) -> Iterator[Path]:
    """The folders from the file's own up to a project's scenarios/; none outside of one."""
    for count, folder in enumerate(path.parents, 1):
        if folder.name == "scenarios" and is_root(folder.parent):
            yield from path.parents[:count]
            return


def _looks_like_one(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _OWN_KEY.search(file.read(_ENOUGH)) is not None
    except OSError:
        return False
