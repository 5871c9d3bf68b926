"""What lab.ports.Engine promises, held against every engine."""

import re

import pytest
from msgspec.structs import replace

from lab import frames
from lab.errors import EngineError
from lab.model import Family
from lab.ports import SubnetTakenError
from tests.contract.bench import Bench


def test_an_engine_says_what_it_is(bench: Bench) -> None:
    abilities = bench.engine.abilities()
    assert abilities.api >= (1, 41)
    assert re.match(r"\d+\.\d+", abilities.version)
    assert abilities.ipv6_only == (abilities.api >= (1, 48))


def test_an_engine_says_what_its_machine_has(bench: Bench) -> None:
    capacity = bench.engine.capacity()
    assert capacity.cpus >= 1
    assert capacity.memory > 2**26
    assert capacity.unbounded == frozenset()


def test_a_started_node_is_held_and_answers(bench: Bench) -> None:
    spec = bench.alone()
    bench.engine.create_node(spec)
    node = bench.attach(spec.name)
    started = bench.engine.start(spec.name)
    assert started.pid > 0
    assert re.fullmatch("[0-9a-f]{64}", started.container)
    held = node.hear(lambda event: isinstance(event, frames.Held))
    assert isinstance(held, frames.Held)
    assert held.version == frames.VERSION
    assert node.pinged(7)
    assert len(node.events) == 2  # held, answered, and nothing else happened


def test_nothing_runs_before_start(bench: Bench) -> None:
    spec = bench.alone()
    bench.engine.create_node(spec)
    assert "never started" in bench.engine.death(spec.name)


def test_a_program_is_fed_and_heard(bench: Bench) -> None:
    node = bench.begin(bench.alone())
    status, output = node.run(0, ["cat"], b"one\ntwo")
    assert (status, output) == (0, "one\ntwo")
    assert node.run(1, ["echo", "a  b", "c"]) == (0, "a  b c\n")
    assert node.run(2, ["false"])[0] == 1


def test_a_program_that_is_not_there(bench: Bench) -> None:
    node = bench.begin(bench.alone())
    node.say(frames.begin(0, ["/no/such/program"]))
    event = node.hear(lambda e: isinstance(e, (frames.Began, frames.NotBegun)))
    assert isinstance(event, frames.NotBegun)


@pytest.mark.parametrize("family", Family)
def test_nodes_are_made_before_their_networks(bench: Bench, family: Family) -> None:
    topology = bench.topology(family, "a", "b", networks=2)
    networks = bench.network_specs(topology)
    specs = bench.node_specs(topology)
    for spec in specs:
        bench.engine.create_node(spec)
    for network in networks:
        bench.make_network(network)
    for spec in specs:
        node = bench.attach(spec.name)
        bench.engine.start(spec.name)
        assert node.held()


def test_a_node_does_not_start_without_its_network(bench: Bench) -> None:
    topology = bench.topology(Family.IPV4, "a")
    bench.network_specs(topology)
    (spec,) = bench.node_specs(topology)
    bench.engine.create_node(spec)
    with pytest.raises(EngineError, match=f"cannot start {spec.name}: .*{bench.name('net0')}"):
        bench.engine.start(spec.name)


@pytest.mark.parametrize("family", Family)
def test_a_subnet_that_is_taken_is_told_apart(bench: Bench, family: Family) -> None:
    (spec,) = bench.network_specs(bench.topology(family))
    bench.make_network(spec)
    with pytest.raises(SubnetTakenError):
        bench.engine.create_network(replace(spec, name=bench.name("again")))


def test_two_nodes_cannot_have_one_address(bench: Bench) -> None:
    topology = bench.topology(Family.IPV4, "a", "b")
    for network in bench.network_specs(topology):
        bench.make_network(network)
    first, second = bench.node_specs(topology)
    bench.begin(first)
    bench.engine.create_node(replace(second, links=first.links))
    with pytest.raises(EngineError, match="in use"):
        bench.engine.start(second.name)


def test_two_nodes_cannot_have_one_name(bench: Bench) -> None:
    spec = bench.alone()
    bench.engine.create_node(spec)
    with pytest.raises(EngineError, match=f"cannot create node {spec.name}: .*in use"):
        bench.engine.create_node(spec)


def test_a_node_ends_with_its_stream(bench: Bench) -> None:
    spec = bench.alone()
    node = bench.begin(spec)
    node.say(frames.begin(0, ["sleep", "1000"]))
    node.end()
    assert bench.engine.death(spec.name).endswith("its holder ended with status 0")


def test_a_lasting_node_does_not(bench: Bench) -> None:
    spec = bench.alone(lasting=True)
    node = bench.begin(spec)
    node.say(frames.begin(0, ["cat"]))
    # What was said and not answered yet may be lost with the stream: the engine drops it.
    assert node.hear(lambda event: isinstance(event, frames.Began)) is not None
    node.socket.close()
    again = bench.attach(spec.name)
    assert again.pinged(9)
    again.say(frames.send(0, b"still here\n"))
    assert again.hear(lambda event: isinstance(event, frames.Stdout)) is not None
    assert again.output(0) == b"still here\n"


def test_what_became_of_a_node_that_was_removed(bench: Bench) -> None:
    spec = bench.alone()
    node = bench.begin(spec)
    bench.engine.remove_node(spec.name)
    assert node.hear(lambda _: False) is None
    assert bench.engine.death(spec.name) == "somebody removed it"


def test_a_node_that_still_runs_is_said_to(bench: Bench) -> None:
    spec = bench.alone()
    bench.begin(spec)
    assert "still runs" in bench.engine.death(spec.name)


def test_removing_what_is_gone_is_no_error(bench: Bench) -> None:
    topology = bench.topology(Family.DUAL, "a")
    bench.deploy(topology)
    for _ in range(2):
        bench.engine.remove_node(bench.name("a"))
    for _ in range(2):
        bench.engine.remove_network(bench.name("net0"))


def test_attaching_to_nobody_is_an_error(bench: Bench) -> None:
    with pytest.raises(EngineError, match=f"cannot attach to {bench.name('nobody')}"):
        bench.engine.attach(bench.name("nobody"))
    with pytest.raises(EngineError, match=f"cannot start {bench.name('nobody')}"):
        bench.engine.start(bench.name("nobody"))


def test_things_are_found_by_their_labels(bench: Bench) -> None:
    bench.deploy(bench.topology(Family.IPV4, "a", "b"))
    found = bench.engine.find(bench.labels)
    assert sorted((one.what, one.name) for one in found) == [
        ("container", bench.name("a")),
        ("container", bench.name("b")),
        ("network", bench.name("net0")),
    ]
    assert all(one.labels.items() >= bench.labels.items() for one in found)
    only = bench.engine.find({**bench.labels, "lab.node": "a"})
    assert [one.name for one in only] == [bench.name("a")]
    assert {one.name for one in bench.engine.find({**bench.labels, "lab.node": ""})} == {
        bench.name("a"),
        bench.name("b"),
    }
    assert bench.engine.find({**bench.labels, "lab.node": "c"}) == ()


def test_what_was_found_is_removed_in_the_order_found(bench: Bench) -> None:
    bench.deploy(bench.topology(Family.DUAL, "a", "b"))
    for leftover in bench.engine.find(bench.labels):
        bench.engine.remove(leftover)
        bench.engine.remove(leftover)
    assert bench.engine.find(bench.labels) == ()


def test_a_share_is_found_by_its_labels_and_removed_after_its_nodes(bench: Bench) -> None:
    mount = bench.share()
    spec = bench.alone(mounts=[mount])
    bench.engine.create_node(spec)
    found = [(one.what, one.name) for one in bench.engine.find(bench.labels)]
    assert found == [("container", spec.name), ("volume", mount.share)]
    with pytest.raises(EngineError, match=f"cannot remove share {mount.share}: "):
        bench.engine.remove_share(mount.share)
    bench.engine.remove_node(spec.name)
    for _ in range(2):
        bench.engine.remove_share(mount.share)
    assert bench.engine.find(bench.labels) == ()


def test_a_share_left_behind_is_removed_as_it_was_found(bench: Bench) -> None:
    bench.begin(bench.alone(mounts=[bench.share()]))
    for leftover in bench.engine.find(bench.labels):
        bench.engine.remove(leftover)
        bench.engine.remove(leftover)
    assert bench.engine.find(bench.labels) == ()
