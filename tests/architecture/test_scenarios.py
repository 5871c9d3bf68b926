"""The shipped scenarios: valid, tagged, each with an intent; no service without one."""

from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.loader import load
from lab.model import Scenario
from tests.architecture.sources import ROOT

CATALOG = Catalog(ROOT / "services")
FILES = sorted((ROOT / "scenarios").rglob("*.yaml"))

every_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)


def cases(file: Path) -> tuple[Scenario, ...]:
    """Raises InvalidScenario, with what is wrong."""
    return load(file.relative_to(ROOT), CATALOG)


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@every_file
def test_a_scenario_is_valid_tagged_and_says_what_must_be(file: Path) -> None:
    for case in cases(file):
        assert case.tags
        assert "must" in case.intent.split()
        assert case.expectations or any(step.asks for step in case.steps)


@every_file
def test_a_scenario_of_the_guides_names_the_fact_it_shows(file: Path) -> None:
    for case in cases(file):
        if "guide" in case.tags:
            assert any(tag.startswith("fact-") for tag in case.tags)


def test_every_service_has_a_scenario() -> None:
    used = {node.service for file in FILES for case in cases(file) for node in case.topology.nodes}
    assert set(CATALOG.names) - used == set()


def test_no_two_scenarios_have_one_name() -> None:
    names = [file.stem for file in FILES]
    assert len(names) == len(set(names))
