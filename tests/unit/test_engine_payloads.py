"""Specs in the words of the Engine API, compared whole."""

from pathlib import Path

from msgspec.structs import replace

from lab.engine import payloads
from lab.model import Family, Network
from lab.ports import Abilities, LinkSpec, MountSpec, NetworkSpec, NodeSpec, ShareSpec
from lab.source import Span

OLD = Abilities("20.10.24", (1, 41), ipv6_only=False)
MIDDLE = Abilities("25.0.3", (1, 44), ipv6_only=False)
NEW = Abilities("28.5.2", (1, 51), ipv6_only=True)
LABELS = {"lab.run": "r", "lab.scenario": "s"}
SPAN = Span(Path("x.yaml"), 1, 1, 1, 2)

LINKS = (
    LinkSpec("lab-r-lan", "192.0.2.2", "2001:db8::2"),
    LinkSpec("lab-r-wan", None, "2001:db8:1::2"),
)
NODE = NodeSpec(
    name="lab-r-talker",
    hostname="talker",
    image="sha256:0",
    links=LINKS,
    hosts=(("listener", "2001:db8::3"), ("talker", "2001:db8::2")),
    env=(("A", "b c"), ("EMPTY", "")),
    memory=64 << 20,
    pids=32,
    cpus=0.5,
    labels={**LABELS, "lab.node": "talker"},
)


def lan(
    family: Family, *subnets: str, internal: bool = True, mtu: int | None = None
) -> NetworkSpec:
    network = Network("lan", family, SPAN, internal=internal, mtu=mtu)
    return NetworkSpec("lab-r-lan", network, subnets, LABELS)


def test_a_node_on_an_engine_of_today() -> None:
    assert payloads.node(NODE, NEW) == {
        "Image": "sha256:0",
        "Entrypoint": ["/.lab/holder"],
        "Cmd": ["240"],
        "Env": ["RESOLV_MULTI=on", "A=b c", "EMPTY="],
        "User": "65534:65534",
        "Labels": {"lab.run": "r", "lab.scenario": "s", "lab.node": "talker"},
        "Healthcheck": {"Test": ["NONE"]},
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            "NetworkMode": "lab-r-lan",
            "ExtraHosts": ["listener:2001:db8::3", "talker:2001:db8::2"],
            "Dns": ["127.0.0.1"],
            "DnsOptions": ["timeout:1", "attempts:1"],
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "ReadonlyRootfs": True,
            "Tmpfs": {"/tmp": "size=8388608,mode=1777,nosuid,nodev"},
            "ShmSize": 8388608,
            "Memory": 67108864,
            "MemorySwap": 67108864,
            "PidsLimit": 32,
            "NanoCpus": 500000000,
            "Ulimits": [
                {"Name": "nofile", "Soft": 1024, "Hard": 16384},
                {"Name": "core", "Soft": 0, "Hard": 0},
            ],
            "Init": False,
            "RestartPolicy": {"Name": "no"},
            "LogConfig": {"Type": "none"},
            "Sysctls": {
                "net.ipv6.conf.lo.disable_ipv6": "0",
                "net.ipv6.conf.all.accept_dad": "0",
                "net.ipv6.conf.default.accept_dad": "0",
                "net.ipv4.ping_group_range": "65534 65534",
                "kernel.msgmni": "64",
                "kernel.sem": "250 8000 32 128",
                "kernel.shmall": "2048",
            },
        },
        "NetworkingConfig": {
            "EndpointsConfig": {
                "lab-r-lan": {
                    "IPAMConfig": {"IPv4Address": "192.0.2.2", "IPv6Address": "2001:db8::2"}
                },
                "lab-r-wan": {"IPAMConfig": {"IPv6Address": "2001:db8:1::2"}},
            }
        },
    }


def test_an_engine_that_takes_one_network_gets_the_others_later() -> None:
    for abilities, first, later in ((OLD, LINKS[:1], LINKS[1:]), (MIDDLE, LINKS, ())):
        endpoints = payloads.node(NODE, abilities)["NetworkingConfig"]["EndpointsConfig"]
        assert list(endpoints) == [link.network for link in first]
        assert payloads.later_links(NODE, abilities) == later


def test_holders_of_nodes_on_networks_wait_to_be_removed() -> None:
    for abilities in (OLD, MIDDLE):
        assert payloads.node(NODE, abilities)["Cmd"] == ["240"]
        assert payloads.node(replace(NODE, links=()), abilities)["Cmd"] == []


def test_a_lasting_node_keeps_its_input_and_its_output() -> None:
    made = payloads.node(replace(NODE, lasting=True), NEW)
    assert made["OpenStdin"] is True
    assert made["StdinOnce"] is False
    assert made["HostConfig"]["LogConfig"]["Type"] == "local"


def test_a_node_on_no_network_has_none() -> None:
    made = payloads.node(replace(NODE, links=()), NEW)
    assert made["HostConfig"]["NetworkMode"] == "none"
    assert made["NetworkingConfig"] == {"EndpointsConfig": {}}


def test_a_node_with_a_way_out_keeps_the_engines_resolvers() -> None:
    host = payloads.node(replace(NODE, outside=True), NEW)["HostConfig"]
    assert not {"Dns", "DnsOptions"} & host.keys()


def test_no_limit_of_processors_is_no_entry() -> None:
    assert "NanoCpus" not in payloads.node(replace(NODE, cpus=None), NEW)["HostConfig"]


def test_the_engine_never_learns_the_nodes_plain_name() -> None:
    made = payloads.node(NODE, OLD)
    assert "Hostname" not in made
    assert "Aliases" not in made["NetworkingConfig"]["EndpointsConfig"]["lab-r-lan"]


def test_a_native_ipv6_only_network() -> None:
    spec = lan(Family.IPV6, "2001:db8::/64", mtu=1400)
    assert payloads.network(spec, NEW) == {
        "name": "lab-r-lan",
        "driver": "bridge",
        "options": {
            "com.docker.network.driver.mtu": "1400",
            "com.docker.network.enable_ipv4": "false",
            "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
            "com.docker.network.bridge.gateway_mode_ipv6": "isolated",
        },
        "ipam": {"Driver": "default", "Config": [{"Subnet": "2001:db8::/64"}]},
        "labels": LABELS,
        "enable_ipv6": True,
        "internal": True,
    }


def test_an_ipv6_only_network_over_a_shadow() -> None:
    made = payloads.network(lan(Family.IPV6, "2001:db8::/64", "192.0.2.0/29"), OLD)
    assert made["options"] == {}
    assert made["enable_ipv6"] is True
    assert [part["Subnet"] for part in made["ipam"]["Config"]] == ["2001:db8::/64", "192.0.2.0/29"]


def test_an_ipv4_network_with_a_way_out() -> None:
    made = payloads.network(lan(Family.IPV4, "192.0.2.0/29", internal=False), NEW)
    assert made["options"] == {}
    assert made["enable_ipv6"] is False
    assert made["internal"] is False


def test_the_agent_gets_what_it_needs_and_no_more() -> None:
    made = payloads.agent("sha256:1", LABELS)
    host = made["HostConfig"]
    assert made["Entrypoint"] == ["python3", "-S", "-E", "/lab/agent"]
    kinds = ("UsernsMode", "PidMode", "NetworkMode")
    assert [host[kind] for kind in kinds] == ["host"] * 3
    assert host["AutoRemove"] is True
    assert made["StdinOnce"] is True
    assert "Privileged" not in host
    assert host["CapDrop"] == ["ALL"]
    assert "SYS_ADMIN" in host["CapAdd"]
    assert "SYS_MODULE" not in host["CapAdd"]


def test_labels_are_filters() -> None:
    assert payloads.filters({"lab.run": "r", "lab.node": ""}) == {
        "label": ["lab.run=r", "lab.node"]
    }


def test_a_share_is_a_volume_in_memory() -> None:
    assert payloads.share(ShareSpec("lab-r-sockets", 1 << 20, LABELS)) == {
        "name": "lab-r-sockets",
        "driver": "local",
        "driver_opts": {
            "type": "tmpfs",
            "device": "tmpfs",
            "o": "size=1048576,mode=1777,nosuid,nodev,noexec",
        },
        "labels": LABELS,
    }


def test_a_node_with_a_share() -> None:
    sharing = replace(NODE, mounts=(MountSpec("lab-r-sockets", "/run/echo"),))
    for engine in (OLD, NEW):
        host = payloads.node(sharing, engine)["HostConfig"]
        assert host["ReadonlyRootfs"]
        assert host["Mounts"] == [
            {
                "Type": "volume",
                "Source": "lab-r-sockets",
                "Target": "/run/echo",
                "VolumeOptions": {"NoCopy": True},
            }
        ]
