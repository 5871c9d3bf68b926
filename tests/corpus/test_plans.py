"""The plan of every shipped scenario, on an engine that knows IPv6-only networks and on one that
does not."""

from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.loader import load
from lab.model import Scenario
from lab.plan import plan
from lab.ports import Abilities
from tests.corpus.golden import check

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "plans"
ENGINES = {
    "native": Abilities("28.5.2", (1, 51), ipv6_only=True),
    "shadowed": Abilities("20.10.24", (1, 41), ipv6_only=False),
}


def cases() -> dict[str, Scenario]:
    catalog = Catalog(ROOT / "services")
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    return {case.name: case for file in files for case in load(file, catalog)}


CASES = cases()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_golden_one(case: str, engine: str) -> None:
    check(FOLDER / f"{case}.{engine}.txt", f"{plan(CASES[case], ENGINES[engine])}\n")


@pytest.mark.parametrize("case", CASES)
def test_ipv4_is_taken_away_where_the_engine_gave_what_the_family_forbids(case: str) -> None:
    native, shadowed = (str(plan(CASES[case], abilities)) for abilities in ENGINES.values())
    ipv6_only = any(4 not in n.family.versions for n in CASES[case].topology.networks)
    assert "flush-shadow" not in native
    assert ("flush-shadow" in shadowed) == ipv6_only


@pytest.mark.parametrize("case", CASES)
def test_the_way_out_is_taken_away_where_the_engine_leaves_one(case: str) -> None:
    topology = CASES[case].topology
    native, shadowed = (str(plan(CASES[case], abilities)) for abilities in ENGINES.values())
    routed = bool(topology.transit)
    assert ("route-node" in native) == routed
    assert shadowed.count("route-node") == sum(bool(node.attachments) for node in topology.nodes)


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{case}.{engine}.txt" for case in CASES for engine in ENGINES}
    assert {file.name for file in FOLDER.iterdir()} == wanted
