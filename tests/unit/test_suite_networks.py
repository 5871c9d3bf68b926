"""Networks that cases leave for each other: fewer are made, none is seen twice the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from lab.allocation import Allocation, Kept, Pools
from lab.errors import EngineError
from lab.model import Scenario, Topology
from lab.ports import Abilities, NetworkSpec, NodeSpec
from lab.result import CaseRemoved, Progress
from lab.runner.networks import MOST_LINKS, Networks, shapes
from lab.suite import Agenda, Suite
from lab.verdict import Verdict
from tests.fakes import FakeAgent, FakeEngine
from tests.fakes.engine import Failures
from tests.unit.cases import Bench, bench, case, nobody

OLD = Abilities("20.10.24", (1, 41), ipv6_only=False)
MADE_AT_MOST = 3  # by cases one at a time: one runs, one or two are being removed


class Noting(FakeEngine):
    """Remembers all it was asked to make."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.made: list[NetworkSpec] = []
        self.asked: list[NodeSpec] = []

    def create_network(self, spec: NetworkSpec) -> str:
        bridge = super().create_network(spec)  # a subnet may be taken
        self.made.append(spec)
        return bridge

    def create_node(self, spec: NodeSpec) -> None:
        super().create_node(spec)
        self.asked.append(spec)


def hello(name: str, network: str = "family: dual", more: str = "", word: str = "hi") -> Scenario:
    return case(
        f"intent: {name} must say {word}\n"
        f"networks: {{lan: {{{network}}}}}\n"
        f"nodes: {{a: {{image: any, args: [echo, hi], networks: {more or '[lan]'}}}}}\n"
        f'expect: {{a: {{stdout: "{word}\\n"}}}}\n',
        name,
    )


def noted(lab: Bench) -> Noting:
    assert isinstance(lab.engine, Noting)
    return lab.engine


def run(lab: Bench, cases: Sequence[Scenario], jobs: int = 1) -> list[Verdict]:
    verdicts = [result.verdict for result in Suite(cases, lab.world, nobody).run(jobs=jobs)]
    assert lab.engine.left == ()
    return verdicts


@pytest.mark.parametrize("jobs", [1, 3])
def test_cases_leave_their_networks_for_the_next(jobs: int) -> None:
    with bench(engine=Noting) as lab:
        assert set(run(lab, [hello(f"c{n}") for n in range(20)], jobs)) == {Verdict.PASS}
        assert len(noted(lab).made) <= MADE_AT_MOST * jobs


def test_where_networks_do_not_last_each_case_has_its_own() -> None:
    with bench(engine=Noting, abilities=replace(OLD, networks_last=False)) as lab:
        assert set(run(lab, [hello(f"c{n}") for n in range(5)])) == {Verdict.PASS}
        assert len(noted(lab).made) == 5


def test_the_host_is_taken_off_a_network_for_each_case_that_has_it() -> None:
    """An engine that was restarted meanwhile may have put it there again."""
    with bench(engine=Noting, abilities=OLD) as lab:
        run(lab, [hello(f"c{n}") for n in range(20)])
        assert isinstance(lab.agent, FakeAgent)
        isolated = [bridge for word, bridge in lab.agent.calls if word == "isolate"]
        assert len(isolated) == 20
        assert set(isolated) == {f"br-{spec.name}" for spec in noted(lab).made}
        assert len(noted(lab).made) <= MADE_AT_MOST


def test_no_address_of_a_network_is_given_twice() -> None:
    with bench(engine=Noting) as lab:
        run(lab, [hello(f"c{n}") for n in range(20)], jobs=2)
        links = [link for spec in noted(lab).asked for link in spec.links]
        assert len({link.ipv4 for link in links}) == 20
        assert len({link.ipv6 for link in links}) == 20


def test_a_case_that_did_not_pass_leaves_nothing() -> None:
    with bench(engine=Noting) as lab:
        verdicts = run(lab, [hello(f"c{n}", word="ho") for n in range(5)])
        assert set(verdicts) == {Verdict.FAIL}
        assert len(noted(lab).made) == 5


@pytest.mark.parametrize(
    ("network", "links"),
    [
        ("family: dual, subnets: [198.51.100.0/29]", "[lan]"),
        ("family: dual, internal: false", "[lan]"),
        ("family: ipv6", "{lan: {address: 'fd00:1::7'}}"),
    ],
)
def test_what_is_not_like_others_is_made_for_its_case(network: str, links: str) -> None:
    with bench(engine=Noting) as lab:
        run(lab, [hello(f"c{n}") if n % 2 else hello(f"c{n}", network, links) for n in range(10)])
        users = {link.network for spec in noted(lab).asked for link in spec.links}
        assert len(users) >= 5  # one for each of these, and those of the others
        assert shapes(hello("x", network, links).topology) == {}


def test_where_subnets_are_few_each_case_has_its_own() -> None:
    with bench(engine=Noting) as lab:
        small = replace(lab.world, pools=Pools("198.51.100.0/24", "fd00::/48"))
        Suite([hello(f"c{n}") for n in range(5)], small, nobody).run()
        assert len(noted(lab).made) == 5


def test_networks_differ_by_family_and_mtu() -> None:
    found = [shapes(hello("x", text).topology)["lan"] for text in ("family: dual", "family: ipv6")]
    wide = shapes(hello("x", "family: dual, mtu: 1400").topology)["lan"]
    assert len({*found, wide}) == 3


def test_a_router_crosses_no_network_that_others_have() -> None:
    routed = case(
        "intent: it must\n"
        "networks: {one: {family: ipv4}, two: {family: ipv4}}\n"
        "nodes:\n"
        "  a: {image: any, args: [echo, hi], networks: [one]}\n"
        "  r: {image: any, args: [echo, hi], networks: [one, two], role: router}\n"
    )
    assert shapes(routed.topology) == {}


def test_a_node_that_cannot_be_removed_leaves_no_network_to_others() -> None:
    failures: Failures = {("remove_node", 1): EngineError("busy")}
    with bench(engine=Noting, failures=failures) as lab:
        first, *_ = Suite([hello("c1"), hello("c2")], lab.world, nobody).run()
        assert first.verdict is Verdict.PASS
        used = [link.network for spec in noted(lab).asked for link in spec.links]
        assert len(set(used)) == 2


SKIPPED = case(
    "intent: it must\n"
    'requires: ["engine>=99"]\n'
    "networks: {lan: {family: dual}}\n"
    "nodes: {a: {image: any, args: [echo, hi], networks: [lan]}}\n"
)


def test_a_network_for_cases_that_never_came_is_removed() -> None:
    with bench(engine=Noting) as lab:
        assert run(lab, [hello("c1"), SKIPPED, SKIPPED]) == [
            Verdict.PASS, Verdict.SKIP, Verdict.SKIP,
        ]  # fmt: skip
        assert ("remove_network", noted(lab).made[0].name) in lab.engine.calls


@pytest.mark.parametrize("silent", [False, True])
def test_one_that_cannot_be_removed_is_told(silent: bool) -> None:
    told: list[Progress] = []
    with bench(engine=Noting, failures={("remove_network", 1): EngineError("busy")}) as lab:

        def listen(event: Progress) -> None:
            told.append(event)
            lab.engine.silent = silent

        results = Suite([hello("c1"), SKIPPED], lab.world, listen).run()
        assert [result.verdict for result in results] == [Verdict.PASS, Verdict.SKIP]
        assert len(lab.engine.left) == 1
    (said,) = [e.troubles for e in told if isinstance(e, CaseRemoved) and e.troubles]
    assert ("does not answer" if silent else "busy") in said[0]


# -- the networks themselves -----------------------------------------------------------------


def alone(nodes: int = 1) -> Topology:
    names = ", ".join(
        f"n{n}: {{image: any, args: [echo, hi], networks: [lan]}}" for n in range(nodes)
    )
    return case(
        f"intent: it must\nnetworks: {{lan: {{family: ipv4}}}}\nnodes: {{{names}}}\n"
    ).topology


ALLOCATION = Allocation({"lan": ("198.18.0.0/26",)}, (), {})


def left(networks: Networks, topology: Topology, kept: dict[str, Kept] | None = None) -> None:
    expected = networks.expect(
        topology, ALLOCATION, kept or {}, lambda name: (f"lab-1-{name}", "br-1")
    )
    networks.give_back(topology, expected, tuple(expected))


def test_nothing_is_left_where_nobody_comes() -> None:
    networks = Networks([alone()])
    assert networks.useful(alone()) == {"lan"}
    assert networks.lend(alone()) == {}
    assert networks.useful(alone()) == frozenset()
    left(networks, alone())
    assert networks.take_all() == ()


def test_one_is_lent_to_one_case_at_a_time() -> None:
    networks = Networks([alone()] * 3)
    networks.lend(alone())
    left(networks, alone())
    assert networks.lend(alone()) == {"lan": Kept("lab-1-lan", "br-1", ("198.18.0.0/26",), 1)}
    assert networks.lend(alone()) == {}


def test_addresses_run_out() -> None:
    networks = Networks([alone()], math.inf)
    cases = 0
    kept = dict(networks.lend(alone(10)))
    while kept or not cases:
        left(networks, alone(10), kept)
        kept = dict(networks.lend(alone(10)))
        cases += 1
    assert cases == 6  # 61 addresses for nodes
    assert networks.take_all() == ()


def test_what_was_expected_and_is_gone_is_expected_no_more() -> None:
    networks = Networks([alone()] * 2)
    networks.lend(alone())
    for _ in range(3):
        expected = networks.expect(alone(), ALLOCATION, {}, lambda name: (name, "br-1"))
        assert set(expected) == {"lan"}
        networks.give_back(alone(), expected, ())


def test_a_network_of_many_nodes_is_left_to_nobody() -> None:
    assert shapes(alone(MOST_LINKS)) != {}
    assert shapes(alone(MOST_LINKS + 1)) == {}


def test_all_are_taken_once() -> None:
    networks = Networks([alone()] * 3)
    left(networks, alone())
    assert networks.take_all() == ("lab-1-lan",)
    assert networks.take_all() == ()


def test_an_agenda_says_how_often_each_comes() -> None:
    assert [Agenda([0], rounds).rounds for rounds in (3, None)] == [3, math.inf]
