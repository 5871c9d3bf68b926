"""docs/security.md: every promise names a test, every attack has its promise."""

from __future__ import annotations

import re
from pathlib import Path

from tests.hostile.attacks import ATTACKS, PROGRAMS

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
PROMISES = [
    line.split("|")[-2]
    for line in PAGE.partition("\n## What is promised\n")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| a program")
]


def test_every_promise_names_an_attack_and_a_test() -> None:
    assert len(PROMISES) >= 10
    for promise in PROMISES:
        assert re.search(r"`tests/[\w/.]+::test_\w+`", promise), promise
    named = [name for promise in PROMISES for name in re.findall(r"`([\w-]+)`", promise)]
    assert set(named) == set(ATTACKS)


def test_every_program_attacks() -> None:
    assert {attack.program for attack in ATTACKS.values()} == {
        path.stem for path in PROGRAMS.glob("*.py")
    }
