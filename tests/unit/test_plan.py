"""The plan: pure, in order, each operation after what it needs, each thing undone."""

from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace

from lab.kinds.action import Step
from lab.kinds.steps.kill import Kill
from lab.kinds.steps.start import Start
from lab.model import (
    Attachment,
    Family,
    Mount,
    Network,
    Node,
    Program,
    Scenario,
    Share,
    Topology,
)
from lab.plan import (
    AdoptNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    IsolateNetwork,
    Operation,
    Plan,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    StartNode,
    TraceNode,
    plan,
)
from lab.ports import Abilities
from lab.source import Span

MODERN = Abilities("28.5.2", (1, 51), ipv6_only=True)
OLD = Abilities("20.10.24", (1, 41), ipv6_only=False)
FILE = Path("scenarios/x.yaml")
Kind = TypeVar("Kind", bound=Operation)


def at(line: int) -> Span:
    return Span(FILE, line, 3, line, 4)


def node(
    name: str, line: int, *networks: str, image: str | None = None, share: str | None = None
) -> Node:
    links = tuple(Attachment(network, at(line)) for network in networks)
    program = Program(image, ("cat",), ())
    mounts = (Mount(share, "/run/x", at(line)),) if share else ()
    return Node(name, name, program, links, ends=True, span=at(line), mounts=mounts)


NETWORKS = (
    Network("six", Family.IPV6, at(2)),
    Network("both", Family.DUAL, at(3)),
    Network("four", Family.IPV4, at(4)),
)
NODES = (
    node("ann", 6, "six", share="files"),
    node("bob", 7, "six", "both", image="example/bob", share="files"),
    node("cyd", 8, "both"),
)
STEPS = (Step(Start(("ann",)), at(10), 5.0), Step(Kill(("ann",), at(11)), at(11), 5.0))
SHARES = (Share("files", at(5)),)
SCENARIO = Scenario("x", FILE, "it must", (), Topology(NETWORKS, NODES, SHARES), STEPS, ())


def made(planned: Plan) -> tuple[Operation, ...]:
    return (*planned.deployment, *planned.timeline, *planned.removal)


def before(planned: Plan, operation: Operation) -> set[int]:
    """The numbers of all that comes before it, near and far."""
    by_number = {each.number: each for each in made(planned)}
    found: set[int] = set()
    todo = list(operation.after)
    while todo:
        number = todo.pop()
        found.add(number)
        todo += by_number[number].after
    return found


def only(planned: Plan, kind: type[Kind]) -> list[Kind]:
    return [each for each in made(planned) if isinstance(each, kind)]


@pytest.mark.parametrize("abilities", [MODERN, OLD], ids=["modern", "old"])
def test_the_same_input_gives_the_same_plan(abilities: Abilities) -> None:
    assert plan(SCENARIO, abilities) == plan(SCENARIO, abilities)


@pytest.mark.parametrize("abilities", [MODERN, OLD], ids=["modern", "old"])
def test_numbers_count_up_and_name_only_earlier_ones(abilities: Abilities) -> None:
    operations = made(plan(SCENARIO, abilities))
    assert [each.number for each in operations] == list(range(1, len(operations) + 1))
    assert all(number < each.number for each in operations for number in each.after)


def test_a_node_is_made_on_its_image_and_started_on_its_networks() -> None:
    planned = plan(SCENARIO, MODERN)
    images = {each.image: each.number for each in only(planned, PrepareImage)}
    networks = {each.network.name: each.number for each in only(planned, CreateNetwork)}
    assert list(images) == [None, "example/bob"]
    [share] = only(planned, CreateShare)
    for each in only(planned, CreateNode):
        shared = {share.number for _ in each.node.mounts}
        assert before(planned, each) == {images[each.node.program.image]} | shared
    for started in only(planned, StartNode):
        links = {networks[link.network] for link in started.node.attachments}
        assert links <= before(planned, started)


def test_the_first_step_comes_after_all_that_is_made_and_each_step_after_the_last() -> None:
    for abilities in (MODERN, OLD):
        planned = plan(SCENARIO, abilities)
        first, second = planned.timeline
        assert before(planned, first) == {each.number for each in planned.deployment}
        assert second.after == (first.number,)


def test_everything_that_is_made_is_removed_networks_after_the_nodes_on_them() -> None:
    planned = plan(SCENARIO, MODERN)
    nodes = {each.node.name: each.number for each in only(planned, RemoveNode)}
    assert set(nodes) == {"ann", "bob", "cyd"}
    on = {each.network.name: set(each.after) for each in only(planned, RemoveNetwork)}
    assert on == {
        "six": {nodes["ann"], nodes["bob"]},
        "both": {nodes["bob"], nodes["cyd"]},
        "four": set(),
    }


def test_a_share_is_made_before_its_nodes_and_removed_after_them() -> None:
    planned = plan(SCENARIO, MODERN)
    [made], [removed] = only(planned, CreateShare), only(planned, RemoveShare)
    nodes = {each.node.name: each for each in only(planned, CreateNode)}
    assert [name for name, each in nodes.items() if made.number in each.after] == ["ann", "bob"]
    gone = {each.node.name: each.number for each in only(planned, RemoveNode)}
    assert set(removed.after) == {gone["ann"], gone["bob"]}


def test_removal_waits_for_nothing_but_removal() -> None:
    planned = plan(SCENARIO, MODERN)
    removals = {each.number for each in planned.removal}
    assert all(set(each.after) <= removals for each in planned.removal)


def test_an_old_engine_s_shadow_is_flushed_from_adopted_nodes_where_the_family_forbids_it() -> None:
    planned = plan(SCENARIO, OLD)
    adopted = {each.node.name: each.number for each in only(planned, AdoptNode)}
    flushed = {each.node.name: each for each in only(planned, FlushShadow)}
    assert {name: each.networks for name, each in flushed.items()} == {
        "ann": ("six",),
        "bob": ("six",),
    }
    assert all(adopted[name] in each.after for name, each in flushed.items())
    assert [each.network.name for each in only(planned, CreateNetwork) if each.shadow] == ["six"]


def test_an_engine_that_knows_ipv6_only_networks_has_no_shadow() -> None:
    planned = plan(SCENARIO, MODERN)
    assert not only(planned, FlushShadow)
    assert not any(each.shadow for each in only(planned, CreateNetwork))


@pytest.mark.parametrize(
    ("abilities", "router", "way_out", "isolated"),
    [
        (OLD, "", "", {"six", "both", "four"}),
        (OLD, "bob", "", {"six", "both", "four"}),
        (OLD, "", "four", {"six", "both"}),  # that one leads over the host
        (MODERN, "", "", set()),  # there it is on none of them
        (MODERN, "bob", "", {"six", "both"}),  # but on those that routers are on
        (MODERN, "bob", "both", {"six"}),
    ],
)
def test_the_engines_host_is_on_no_network_without_a_way_out_when_a_program_begins(
    abilities: Abilities, router: str, way_out: str, isolated: set[str]
) -> None:
    networks = tuple(replace(each, internal=each.name != way_out) for each in NETWORKS)
    nodes = tuple(replace(each, forwards=each.name == router) for each in NODES)
    planned = plan(replace(SCENARIO, topology=Topology(networks, nodes, SHARES)), abilities)
    networks_made = {each.network.name: each.number for each in only(planned, CreateNetwork)}
    found = {each.network.name: each for each in only(planned, IsolateNetwork)}
    assert set(found) == isolated
    for name, each in found.items():
        assert each.after == (networks_made[name],)
        assert each.number in before(planned, planned.timeline[0])


def test_a_node_is_to_be_traced_once_the_agent_knows_it_and_before_any_step() -> None:
    nodes = (replace(NODES[0], traced=at(9)), *NODES[1:])
    asked = replace(SCENARIO, topology=Topology(NETWORKS, nodes, SHARES))
    planned = plan(asked, MODERN)
    (trace,) = only(planned, TraceNode)
    assert str(trace).endswith("trace-node ann (scenarios/x.yaml:9:3)")
    (adopt,) = (each for each in only(planned, AdoptNode) if each.node.name == "ann")
    assert adopt.number in before(planned, trace)
    assert trace.number in before(planned, planned.timeline[0])
    assert only(plan(SCENARIO, MODERN), TraceNode) == []


def test_each_line_names_the_line_that_asked_for_it() -> None:
    lines = str(plan(SCENARIO, OLD)).splitlines()
    assert lines[0] == "[1] prepare-image of the lab (scenarios/x.yaml:6:3)"
    assert "flush-shadow bob on six (scenarios/x.yaml:7:3)" in "\n".join(lines)
    assert lines[-2].endswith("remove-network four (scenarios/x.yaml:4:3)")
    assert lines[-1].endswith("remove-share files (scenarios/x.yaml:5:3)")


def test_a_path_of_one_machine_is_in_no_plan() -> None:
    here = Span(Path("/somewhere/on/this/machine/x.yaml"), 6, 3, 6, 4)
    assert str(Operation(1, (), here)).endswith("(x.yaml:6:3)")
