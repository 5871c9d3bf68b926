"""Cases with bad links, from the file to the verdict, on a fake engine and agent."""

from __future__ import annotations

import pytest

from lab.executor.loop import Loop
from lab.model import Scenario
from lab.report.impairments import impairments
from lab.report.paint import Paint
from lab.result import Progress, ScenarioResult, StepBegan
from lab.verdict import Verdict
from tests.fakes import FakeAgent
from tests.unit.cases import Bench, bench, case

HEAD = """intent: it must arrive
networks:
  lan: {family: ipv6}
  wan: {family: ipv4}
nodes:
  a: {image: any, args: [cat], networks: [lan, wan]}
  b: {image: any, args: [cat], networks: [lan]}
"""
TAIL = """expect:
  a: {exit: running}
  b: {exit: running}
"""


def scenario(start: str = "", steps: str = "") -> Scenario:
    return case(f"{HEAD}{start}steps:\n  - start: [a, b]\n{steps}{TAIL}")


def agent(lab: Bench) -> FakeAgent:
    assert isinstance(lab.agent, FakeAgent)
    return lab.agent


def run(lab: Bench, found: Scenario, falls: int = 3) -> ScenarioResult:
    agent(lab).able = frozenset({"nfqueue"})
    agent(lab).falls = falls
    return lab.run(found)


def test_what_is_impaired_is_told_with_how_much_it_fell_on() -> None:
    with bench() as lab:
        result = run(lab, scenario("impair: [{network: lan, loss: 20%}]\n"))
    assert result.verdict is Verdict.PASS
    (told,) = result.impairments
    assert (told.title, dict(told.counts)) == ("loss 20% on lan", {"seen": 6, "loss": 6})
    assert result.seed == "x"


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (("netem",), "loss 6 of 6 packets, by netem"),
        (("nfqueue",), "loss 6 of 6 packets  line"),
        (("nfqueue", "netem"), "loss 6 of 6 packets, by netem and nfqueue"),
    ],
)
def test_whether_the_kernel_impaired_is_told_and_recorded(by: tuple[str, ...], said: str) -> None:
    with bench() as lab:
        agent(lab).by = by
        (told,) = run(lab, scenario("impair: [{network: lan, loss: 20%}]\n")).impairments
    assert told.by == tuple(sorted(by))
    assert said in impairments([told], "x", Paint())[1]


def test_each_sender_is_told_where_and_to_whom() -> None:
    with bench() as lab:
        result = run(
            lab, scenario("seed: s\nimpair: [{from: a, to: b, delay: 5ms, only: udp/7}]\n")
        )
        told = agent(lab).impairments
    assert result.verdict is Verdict.PASS
    (key,) = told
    assert key.endswith("-a")
    (found,) = told[key].values()
    addresses = {node.node: node.addresses for node in result.nodes}
    assert found.to == addresses["b"]
    assert set(found.addresses) == set(addresses["a"])  # by both links: routers may lead to b
    assert (found.seed, found.transport, found.port) == ("s/1/a", "udp", 7)
    assert found.effects == (("delay", 0.005),)


def test_from_the_start_means_before_the_first_step() -> None:
    before: list[str] = []
    with bench() as lab:
        agent(lab).able = frozenset({"nfqueue"})

        def listen(event: Progress, _: Loop) -> None:
            if isinstance(event, StepBegan):
                before.extend(word for word, _ in agent(lab).calls)

        lab.run(scenario("impair: [{network: lan, loss: 20%}]\n"), listen)
    assert before.count("impair") == 2


def test_what_is_healed_is_no_more() -> None:
    steps = (
        "  - partition: [a, b]\n"
        "  - impair: {network: lan, delay: 5ms}\n"
        "  - heal: {between: [a, b]}\n"
    )
    with bench() as lab:
        result = run(lab, scenario(steps=steps))
        left = [each.effects for told in agent(lab).impairments.values() for each in told.values()]
    assert result.verdict is Verdict.PASS
    assert left == [(("delay", 0.005),)] * 2
    assert [each.title for each in result.impairments] == ["between a and b", "delay 5ms on lan"]


def test_heal_all() -> None:
    steps = "  - partition: [a, b]\n  - impair: {network: lan, delay: 5ms}\n  - heal: all\n"
    with bench() as lab:
        run(lab, scenario(steps=steps))
        assert set(map(len, agent(lab).impairments.values())) == {0}


@pytest.mark.parametrize("falls", [0, 2])
def test_an_effect_that_fell_on_nothing_is_an_error_at_its_place(falls: int) -> None:
    with bench() as lab:
        found = scenario("impair: [{network: lan, loss: 20%}]\n")
        result = run(lab, found, falls)
    assert result.verdict is (Verdict.PASS if falls else Verdict.ERROR)
    if not falls:
        assert "nothing it fits was sent" in result.reason
        assert [j.span for j in result.judgements if j.verdict is Verdict.ERROR] == [
            found.impairments[0].span
        ]


def test_it_may_be_said_that_it_may_miss() -> None:
    with bench() as lab:
        start = "impair: [{network: lan, loss: 20%, may-miss: true}]\n"
        assert run(lab, scenario(start), falls=0).verdict is Verdict.PASS


def test_a_kernel_that_cannot_is_a_skip_with_the_reason() -> None:
    with bench() as lab:
        result = lab.run(scenario("impair: [{network: lan, loss: 20%}]\n"))
    assert result.verdict is Verdict.SKIP
    assert "handing packets to programs" in result.reason


def test_what_goes_to_a_node_with_another_address_is_still_impaired() -> None:
    steps = "  - impair: {from: a, to: b, loss: 50%}\n  - renumber: {node: b, network: lan}\n"
    with bench() as lab:
        run(lab, scenario(steps=steps))
        (new,) = agent(lab).renumbered.values()
        (found,) = (each for told in agent(lab).impairments.values() for each in told.values())
    assert new[0].partition("/")[0] in (found.to or ())
    assert len(found.to or ()) == 2


def test_cables_are_pulled_and_plugged() -> None:
    with bench() as lab:
        run(lab, scenario(steps="  - disconnect: a\n"))
        assert len(agent(lab).unplugged) == 2
        assert ("plug", next(iter(agent(lab).unplugged))[0]) in agent(lab).calls
    with bench() as lab:
        run(lab, scenario(steps="  - disconnect: a\n  - connect: {node: a, network: wan}\n"))
        assert len(agent(lab).unplugged) == 1
