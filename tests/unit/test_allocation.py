"""Subnets and addresses: honoured, distinct, inside, away from what is taken."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.allocation import Allocation, Pools, allocate, chosen_pools
from lab.errors import EngineError, UsageError
from lab.model import Attachment, Endpoint, Family, Network, Node, Program, Topology, Transport
from lab.ports import LinkSpec
from lab.source import Span

SPAN = Span(Path("x.yaml"), 3, 5, 3, 9)
POOLS = Pools()


def network(name: str, family: Family, *subnets: str) -> Network:
    return Network(name, family, SPAN, subnets=subnets)


def node(name: str, *networks: str, address: str = "", port: int = 0) -> Node:
    asked = (address,) if address else ()
    listens = (Endpoint(Transport.TCP, "::", port),) if port else ()
    return Node(
        name,
        name,
        Program(None, None, None),
        tuple(Attachment(each, SPAN, asked) for each in networks),
        ends=True,
        span=SPAN,
        listens=listens,
    )


def nets(allocation: Allocation) -> list[IPv4Network | IPv6Network]:
    return [ip_network(s) for subnets in allocation.subnets.values() for s in subnets]


def overlapping(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and one.overlaps(other)


TALK = Topology(
    (network("lan", Family.IPV6),), (node("listener", "lan", port=4950), node("talker", "lan"))
)


def test_an_ipv6_only_network_has_one_subnet_and_plain_references() -> None:
    given = allocate(TALK, POOLS, seed="a")
    (subnet,) = given.subnets["lan"]
    base = subnet.removesuffix("::/64")
    assert given.bindings == {
        "listener.lan.ipv6": f"{base}::2",
        "listener.lan.ip": f"{base}::2",
        "listener.ipv6": f"{base}::2",
        "listener.ip": f"{base}::2",
        "listener.port": "4950",
        "talker.lan.ipv6": f"{base}::3",
        "talker.lan.ip": f"{base}::3",
        "talker.ipv6": f"{base}::3",
        "talker.ip": f"{base}::3",
    }
    assert given.hosts("talker") == (("listener", f"{base}::2"), ("talker", f"{base}::3"))
    assert given.links("talker", "lab-1-{}".format) == (LinkSpec("lab-1-lan", None, f"{base}::3"),)


def test_a_shadow_is_a_subnet_in_which_nobody_has_an_address() -> None:
    given = allocate(TALK, POOLS, shadows=frozenset({"lan"}), seed="a")
    assert [ip_network(s).version for s in given.subnets["lan"]] == [6, 4]
    assert all(place.ipv4 is None for place in given.places)
    assert not [value for value in given.bindings.values() if "." in value]
    assert all(":" in address for _, address in given.hosts("talker"))


def test_a_dual_node_has_no_single_address() -> None:
    topology = Topology((network("lan", Family.DUAL),), (node("a", "lan"), node("b", "lan")))
    given = allocate(topology, POOLS)
    assert "a.ip" not in given.bindings
    assert "a.lan.ip" not in given.bindings
    assert {"a.ipv4", "a.ipv6", "a.lan.ipv4", "a.lan.ipv6"} <= given.bindings.keys()
    names = [(name, ":" in address) for name, address in given.hosts("a")]
    assert names == [("a", True), ("a", False), ("b", True), ("b", False)]


def test_a_node_on_two_networks_is_known_by_the_shared_one() -> None:
    topology = Topology(
        (network("left", Family.IPV4), network("right", Family.IPV4)),
        (node("a", "left"), node("router", "left", "right"), node("b", "right")),
    )
    given = allocate(topology, POOLS)
    assert given.hosts("a") == (
        ("a", given.bindings["a.ip"]),
        ("router", given.bindings["router.left.ip"]),
    )
    assert given.hosts("b") == (
        ("router", given.bindings["router.right.ip"]),
        ("b", given.bindings["b.ip"]),
    )
    assert "router.ip" not in given.bindings


def test_asked_for_subnets_and_addresses_are_honoured() -> None:
    topology = Topology(
        (network("lan", Family.IPV4, "192.0.2.64/28"),),
        (node("a", "lan"), node("b", "lan", address="192.0.2.66"), node("c", "lan")),
    )
    given = allocate(topology, POOLS)
    assert given.subnets == {"lan": ("192.0.2.64/28",)}
    addresses = [place.ipv4 for place in given.places]
    assert addresses == ["192.0.2.67", "192.0.2.66", "192.0.2.68"]


def test_an_asked_for_address_brings_its_subnet() -> None:
    topology = Topology(
        (network("lan", Family.DUAL),), (node("a", "lan", address="2001:db8:7::42"),)
    )
    given = allocate(topology, POOLS)
    assert given.subnets["lan"][0] == "2001:db8:7::/64"
    assert ip_network(given.subnets["lan"][1]).subnet_of(ip_network(POOLS.ipv4))  # type: ignore[arg-type]
    assert given.places[0].ipv6 == "2001:db8:7::42"


@pytest.mark.parametrize(
    "address", ["192.0.2.64", "192.0.2.65", "192.0.2.79", "192.0.2.80", "198.51.100.7"]
)
def test_an_address_that_cannot_be_given_is_refused_where_it_was_asked_for(address: str) -> None:
    topology = Topology(
        (network("lan", Family.IPV4, "192.0.2.64/28"),), (node("a", "lan", address=address),)
    )
    with pytest.raises(UsageError, match=r"x\.yaml:3:5: .*" + address):
        allocate(topology, POOLS)


def test_one_address_for_two_nodes_is_refused() -> None:
    nodes = (node("a", "lan", address="192.0.2.66"), node("b", "lan", address="192.0.2.66"))
    with pytest.raises(UsageError, match="two nodes of network lan"):
        allocate(Topology((network("lan", Family.IPV4, "192.0.2.64/28"),), nodes), POOLS)


def test_too_many_nodes_for_the_subnet_asked_for() -> None:
    lan = network("lan", Family.IPV4, "192.0.2.64/29")
    nodes = [node(f"n{number}", "lan") for number in range(6)]
    allocate(Topology((lan,), tuple(nodes[:5])), POOLS)
    with pytest.raises(UsageError, match="too few addresses"):
        allocate(Topology((lan,), tuple(nodes)), POOLS)


@pytest.mark.parametrize("taken", ["192.0.2.0/24", "192.0.2.70/32"])
def test_a_subnet_asked_for_that_is_taken_is_refused(taken: str) -> None:
    topology = Topology((network("lan", Family.IPV4, "192.0.2.64/28"),), (node("a", "lan"),))
    with pytest.raises(EngineError, match="in use"):
        allocate(topology, POOLS, taken=[taken])


def test_two_networks_that_ask_for_overlapping_subnets_are_refused() -> None:
    asked = (
        network("one", Family.IPV4, "192.0.2.64/28"),
        network("two", Family.IPV4, "192.0.2.0/25"),
    )
    with pytest.raises(EngineError, match="network two is in use"):
        allocate(Topology(asked, ()), POOLS)


def test_a_used_up_pool_says_what_to_do() -> None:
    with pytest.raises(EngineError) as caught:
        allocate(TALK, POOLS, taken=["fd00::/8"])
    assert POOLS.ipv6 in caught.value.what
    assert "LAB_SUBNETS" in caught.value.help


def test_default_routes_take_nothing() -> None:
    assert allocate(TALK, POOLS, taken=["0.0.0.0/0", "::/0"], seed="a") == allocate(
        TALK, POOLS, seed="a"
    )


def test_seeds_lead_apart_and_repeat() -> None:
    drawn = {allocate(TALK, POOLS, seed=str(n)).subnets["lan"] for n in range(20)}
    assert len(drawn) > 15
    assert allocate(TALK, POOLS, seed="7") == allocate(TALK, POOLS, seed="7")


def test_pools_are_chosen_by_the_environment() -> None:
    assert chosen_pools({}) == Pools()
    chosen = chosen_pools({"LAB_SUBNETS": "2001:db8:9::/48, 192.0.2.0/24"})
    assert chosen == Pools("192.0.2.0/24", "2001:db8:9::/48")
    assert chosen_pools({"LAB_SUBNETS": "192.0.2.0/24"}).ipv6 == Pools().ipv6


@pytest.mark.parametrize("text", ["lan", "192.0.2.1/24", "192.0.2.0/25,192.0.2.128/25"])
def test_pools_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="LAB_SUBNETS"):
        chosen_pools({"LAB_SUBNETS": text})


def test_default_pools_lie_outside_the_engines_own() -> None:
    pool = ip_network(POOLS.ipv4)
    engines = [f"172.{n}.0.0/16" for n in range(16, 32)] + ["192.168.0.0/16", "10.0.0.0/8"]
    assert not any(overlapping(pool, ip_network(other)) for other in engines)
    assert ip_network(POOLS.ipv6).subnet_of(ip_network("fd00::/8"))  # type: ignore[arg-type]


# -- whatever the topology -------------------------------------------------------------------


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    families = draw(st.lists(st.sampled_from(Family), min_size=1, max_size=5))
    networks = tuple(network(f"net{n}", family) for n, family in enumerate(families))
    names = [each.name for each in networks]
    on = draw(st.lists(st.lists(st.sampled_from(names), unique=True), max_size=12))
    return Topology(networks, tuple(node(f"n{n}", *each) for n, each in enumerate(on)))


ROUTES = st.lists(
    st.one_of(
        st.builds(
            lambda at, prefix: str(ip_network((int(ip_address("198.18.0.0")) + at, prefix), False)),
            st.integers(0, 2**17 - 1),
            st.integers(17, 32),
        ),
        st.builds(
            lambda at, prefix: str(
                ip_network((int(ip_address("fd1a:b50c:6e7f::")) + (at << 64), prefix), False)
            ),
            st.integers(0, 2**16 - 1),
            st.integers(50, 128),
        ),
    ),
    max_size=20,
)


@given(topologies(), ROUTES, st.text(max_size=3), st.booleans())
def test_nothing_overlaps_and_every_address_is_inside(
    topology: Topology, routes: list[str], seed: str, native: bool
) -> None:
    ipv6 = frozenset(n.name for n in topology.networks if n.family is Family.IPV6)
    try:
        made = allocate(
            topology, POOLS, shadows=frozenset() if native else ipv6, taken=routes, seed=seed
        )
    except EngineError:
        assert _nearly_full(routes)
        return
    found = nets(made)
    for at, subnet in enumerate(found):
        assert not any(overlapping(subnet, other) for other in found[:at])
        assert not any(overlapping(subnet, ip_network(route)) for route in routes)
    for each in topology.networks:
        versions = {ip_network(subnet).version for subnet in made.subnets[each.name]}
        shadow = {4} if each.name in ipv6 and not native else set()
        assert versions == {*each.family.versions, *shadow}
    _all_inside(topology, made)


def _nearly_full(routes: list[str]) -> bool:
    pool = ip_network(POOLS.ipv4)
    return sum(ip_network(r).num_addresses for r in routes if ":" not in r) * 4 > pool.num_addresses


def _all_inside(topology: Topology, made: Allocation) -> None:
    families = {each.name: each.family for each in topology.networks}
    addresses = [address for place in made.places for address in place.addresses]
    assert len(addresses) == len(set(addresses))
    for place in made.places:
        versions = {ip_address(address).version for address in place.addresses}
        assert versions == set(families[place.network].versions)
        for address in map(ip_address, place.addresses):
            (home,) = (
                subnet
                for subnet in map(ip_network, made.subnets[place.network])
                if address in subnet
            )
            assert int(address) - int(home.network_address) >= 2
            assert address.version == 6 or address != home.broadcast_address


@given(st.sets(st.integers(0, 15), max_size=15))
def test_the_last_free_subnet_is_found(used: set[int]) -> None:
    pools = Pools("192.0.2.0/25", "2001:db8::/60")
    taken = [f"192.0.2.{number * 8}/29" for number in used]
    lan = Topology((network("lan", Family.IPV4),), (node("a", "lan"),))
    for _ in range(16 - len(used)):
        (subnet,) = allocate(lan, pools, taken=taken).subnets["lan"]
        taken.append(subnet)
    assert len(set(taken)) == 16
    with pytest.raises(EngineError, match="no free /29"):
        allocate(lan, pools, taken=taken)


def test_nodes_alike_in_what_they_reach_share_one_list_of_names() -> None:
    lans = ("left", "right")
    crowd = tuple(node(f"{lan}{at}", lan) for lan in lans for at in range(200))
    given = allocate(Topology(tuple(network(lan, Family.IPV6) for lan in lans), crowd), POOLS)
    left = given.hosts("left0")
    assert [name for name, _ in left] == [f"left{at}" for at in range(200)]
    assert all(given.hosts(f"left{at}") is left for at in range(200))
