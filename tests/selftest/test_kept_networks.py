"""Cases of a suite on networks that others had before: on real engines, and nothing is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.engine.docker_engine import DockerEngine
from lab.loader import load
from lab.owner import marks
from lab.suite import Agenda, Suite
from lab.verdict import Verdict
from tests.architecture.sources import ROOT
from tests.engines import world_on

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]

ROUNDS = 5
SCENARIO = Path(ROOT / "scenarios/udp-ipv6-only.yaml")  # and it looks for IPv4 addresses


def test_a_network_of_ipv6_only_serves_several_cases(engine: DockerEngine) -> None:
    asked: set[str] = set()
    engine.tell(lambda name, **_: asked.add(name))
    cases = load(SCENARIO, Catalog(ROOT / "services"), {})
    with world_on(engine) as world:
        results = Suite(cases, world, lambda _: None).run(agenda=Agenda([0], ROUNDS))
    assert [result.verdict for result in results] == [Verdict.PASS] * ROUNDS
    made = sum(name.endswith("-lan") for name in asked)
    assert 1 <= made < ROUNDS if engine.abilities().networks_last else made == ROUNDS
    given = [address for result in results for node in result.nodes for address in node.addresses]
    assert len(set(given)) == len(given)
    assert engine.find(marks(os.getpid())) == ()
