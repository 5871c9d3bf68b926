"""The chapters leave no scenario, no fact and no program out."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from lab.catalog import Catalog
from lab.loader import load

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "docs" / "chapters").glob("*.md"))
ROW = re.compile(r"^\| `([\w-]+)` \| .+ \|([\d, ]*)\|$", re.MULTILINE)


def facts(scenario: str) -> set[int]:
    """The facts a scenario says it checks, by its tags."""
    case = load(ROOT / "scenarios" / f"{scenario}.yaml", Catalog(ROOT / "services"))[0]
    return {int(tag.removeprefix("fact-")) for tag in case.tags if tag.startswith("fact-")}


def rows() -> list[tuple[str, set[int]]]:
    """Each scenario in a chapter's table, with the facts it is said to check."""
    text = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS)
    return [(name, {int(n) for n in re.findall(r"\d+", said)}) for name, said in ROW.findall(text)]


def test_every_scenario_has_its_row_in_one_chapter() -> None:
    counted = Counter(name for name, _ in rows())
    assert counted == Counter(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def test_a_row_says_the_facts_of_its_scenario() -> None:
    assert {name: said for name, said in rows() if said != facts(name)} == {}


def test_the_chapters_show_every_fact() -> None:
    assert set().union(*(said for _, said in rows())) == set(range(1, 19))


def test_the_index_has_every_page() -> None:
    docs = ROOT / "docs"
    named = set(re.findall(r"\]\(([\w/-]+\.md)\)", (docs / "README.md").read_text()))
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert named == there - {"README.md"}


def test_every_program_is_in_a_chapter() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS)
    programs = {path.parent.name for path in (ROOT / "services").glob("*/service.yaml")}
    linked = set(re.findall(r"services/([\w-]+)/README\.md", text))
    assert programs <= linked
