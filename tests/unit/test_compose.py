"""compose.yaml agrees with services/, and both generations of Compose accept it."""

from __future__ import annotations

import ipaddress
import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
FILE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
CATALOG: dict[str, dict[str, Any]] = {
    path.parent.name: yaml.safe_load(path.read_text())
    for path in sorted((PROJECT / "services").glob("*/service.yaml"))
}
PROFILES = {"udp", "stream", "echo", "chat", "load"}

# A path is an address within one machine: two containers would need a volume in common, and nothing
# in the standing lab has one.
WITHIN_ONE_MACHINE = {
    "unix-echo-datagram-client",
    "unix-echo-datagram-server",
    "unix-echo-stream-client",
    "unix-echo-stream-server",
}


def default_port(name: str) -> dict[str, Any]:
    """The one port a service listens on when called as its example says."""
    declared = CATALOG[name]
    given = {
        **declared["options"],
        **dict(zip(declared["arguments"], declared["example"], strict=False)),
    }
    [port] = declared["ports"]
    return {key: given.get(value, value) for key, value in port.items()}


def bound_row(name: str) -> tuple[str, str]:
    """What is in which socket table once the service is ready (proc_net_tcp, IPv6 alike)."""
    port = default_port(name)
    digits = f":{int(port['port']):04X} "
    state = "00000000:0000 0A" if port["transport"] == "tcp" else ""
    table = port["transport"] + ("6" if port["family"] == "ipv6" else "")
    return digits + state, f"/proc/net/{table}"


def test_every_service_is_there_and_nothing_else() -> None:
    assert set(SERVICES) == set(CATALOG) - WITHIN_ONE_MACHINE
    assert not any(CATALOG[name]["ports"] for name in WITHIN_ONE_MACHINE)


def test_every_profile_has_its_services() -> None:
    assert {profile for each in SERVICES.values() for profile in each["profiles"]} == PROFILES


@pytest.mark.parametrize("name", SERVICES)
def test_one_profile_one_network_each(name: str) -> None:
    assert len(SERVICES[name]["profiles"]) == 1
    [network] = SERVICES[name]["networks"]
    assert network in FILE["networks"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_command_is_the_catalog_example(name: str) -> None:
    assert SERVICES[name]["command"] == CATALOG[name]["command"] + CATALOG[name]["example"]


@pytest.mark.parametrize("name", [name for name in CATALOG if CATALOG[name]["ports"]])
def test_a_server_is_healthy_when_its_declared_port_is_bound(name: str) -> None:
    row, table = bound_row(name)
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "grep", "-q", row, table]


@pytest.mark.parametrize("name", [n for n in SERVICES if not CATALOG[n]["ports"]])
def test_a_client_waits_for_its_server_on_the_same_network(name: str) -> None:
    service = SERVICES[name]
    hosts = [word for word in service["command"] if word in SERVICES and word != name]
    [server] = hosts
    assert service["depends_on"] == {server: {"condition": "service_healthy"}}
    assert service["networks"] == SERVICES[server]["networks"]
    assert service["profiles"] == SERVICES[server]["profiles"]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_unprivileged(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "65534:65534"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["tmpfs"]
    forbidden = {"privileged", "cap_add", "volumes", "devices", "ports", "network_mode", "pid"}
    assert not forbidden & set(service)


@pytest.mark.parametrize("name", ["simplestreamclient", "telnet"])
def test_interactive_clients_are_left_to_run(name: str) -> None:
    assert SERVICES[name]["scale"] == 0
    assert SERVICES[name]["stdin_open"] is True
    assert SERVICES[name]["tty"] is True


def test_all_networks_are_internal_with_explicit_subnets_of_their_own() -> None:
    subnets = []
    for network in FILE["networks"].values():
        assert network["internal"] is True
        assert network["enable_ipv6"] is True
        subnets += [ipaddress.ip_network(each["subnet"]) for each in network["ipam"]["config"]]
    assert all(subnet.is_private for subnet in subnets)
    for one, other in itertools.combinations(subnets, 2):
        assert one.version != other.version or not one.overlaps(other)


def test_the_datagram_network_is_ipv6_only() -> None:
    for name, network in FILE["networks"].items():
        versions = {
            ipaddress.ip_network(each["subnet"]).version for each in network["ipam"]["config"]
        }
        option = network.get("driver_opts", {}).get("com.docker.network.enable_ipv4")
        if name == "datagrams":
            assert (versions, option) == ({6}, "false")
        else:
            assert (versions, option) == ({4, 6}, None)
    assert SERVICES["talker"]["networks"] == SERVICES["listener"]["networks"] == ["datagrams"]


@pytest.mark.parametrize("compose", [["docker-compose"], ["docker", "compose"]])
def test_compose_accepts_it(compose: list[str]) -> None:
    """`config` reads and checks the file; it needs no engine."""
    if not shutil.which(compose[0]):
        pytest.skip(f"{compose[0]} is not installed")
    if subprocess.run([*compose, "version"], capture_output=True, check=False).returncode:
        pytest.skip(f"{' '.join(compose)} is not installed")
    profiles = [word for profile in sorted(PROFILES) for word in ("--profile", profile)]
    done = subprocess.run(
        [*compose, *profiles, "config"], cwd=PROJECT, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
