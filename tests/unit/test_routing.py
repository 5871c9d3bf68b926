"""Ways over routers: shortest, in both families, and none where no router leads."""

from pathlib import Path

from lab.allocation import Pools, allocate
from lab.allocation.allocation import Allocation
from lab.model import Attachment, Family, Network, Node, Program, Topology
from lab.source import Span

HERE = Span(Path("x.yaml"), 1, 1, 1, 2)


def network(name: str, family: Family = Family.IPV4) -> Network:
    return Network(name, family, HERE)


def node(name: str, *networks: str, forwards: bool = False) -> Node:
    links = tuple(Attachment(each, HERE) for each in networks)
    program = Program(None, ("true",), None)
    return Node(name, name, program, links, ends=True, span=HERE, forwards=forwards)


def given(networks: tuple[Network, ...], *nodes: Node) -> Allocation:
    return allocate(Topology(networks, nodes), Pools(), seed="one")


def ways(allocation: Allocation, of: str) -> set[tuple[str, str]]:
    """(network, router) instead of subnets and addresses."""
    networks = {s: name for name, subnets in allocation.subnets.items() for s in subnets}
    routers = {a: place.node for place in allocation.places for a in place.addresses}
    return {(networks[r.destination], routers[r.gateway]) for r in allocation.routes[of]}


LINE = (network("left"), network("middle"), network("right"))


def test_without_a_router_there_is_no_way() -> None:
    allocation = given(LINE[:2], node("a", "left"), node("b", "left", "middle"))
    assert ways(allocation, "a") == ways(allocation, "b") == set()


def test_every_network_of_a_chain_is_reached_by_the_first_router_on_the_way() -> None:
    allocation = given(
        LINE,
        node("a", "left"),
        node("r1", "left", "middle", forwards=True),
        node("r2", "middle", "right", forwards=True),
        node("b", "right"),
    )
    assert ways(allocation, "a") == {("middle", "r1"), ("right", "r1")}
    assert ways(allocation, "b") == {("middle", "r2"), ("left", "r2")}
    assert ways(allocation, "r1") == {("right", "r2")}
    assert ways(allocation, "r2") == {("left", "r1")}


def test_the_shortest_way_is_taken() -> None:
    allocation = given(
        LINE,
        node("a", "left"),
        node("long", "left", "middle", forwards=True),
        node("longer", "middle", "right", forwards=True),
        node("short", "left", "right", forwards=True),
    )
    assert ways(allocation, "a") == {("middle", "long"), ("right", "short")}


def test_both_families_of_a_dual_network_have_their_way() -> None:
    networks = (network("left", Family.DUAL), network("right", Family.DUAL))
    allocation = given(networks, node("a", "left"), node("r", "left", "right", forwards=True))
    gateways = [route.gateway for route in allocation.routes["a"]]
    assert [":" in gateway for gateway in gateways] == [True, False]


def test_no_way_leads_where_the_family_ends() -> None:
    networks = (network("left", Family.IPV6), network("right", Family.IPV4))
    allocation = given(networks, node("a", "left"), node("r", "left", "right", forwards=True))
    assert ways(allocation, "a") == set()
