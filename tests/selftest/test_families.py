"""Address families are real: what a network's family rules out is nowhere to be seen."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any

import pytest
import yaml
from testinfra.host import Host  # type: ignore[import-untyped]

from lab.engine.docker_engine import DockerEngine
from lab.engine.images import state
from lab.engine.stock import OWN_SERVICES
from lab.image.recipe import read
from lab.model import Family
from tests.selftest.process import run_lab
from tests.standing import NODES, Standing

pytestmark = pytest.mark.docker

EVERY_NODE = [(family, node) for family, nodes in NODES.items() for node in nodes]
PEERS = [
    (family, node, peer)
    for family, (one, other) in NODES.items()
    for node, peer in ((one, other), (other, one))
]


def versions(text: str) -> set[int]:
    """IP versions of the addresses that begin the lines."""
    return {ip_address(line.split()[0]).version for line in text.splitlines()}


def interfaces(host: Host) -> dict[str, set[int]]:
    """IP versions of each interface's addresses, link-local ones included."""
    found = json.loads(host.check_output("ip -json address"))
    return {
        each["ifname"]: {ip_interface(one["local"]).version for one in each["addr_info"]}
        for each in found
    }


@pytest.mark.parametrize(("family", "node"), EVERY_NODE, ids=str)
def test_no_interface_but_lo_has_an_address_of_another_family(
    machines: Standing, family: Family, node: str
) -> None:
    found = interfaces(machines.host(node))
    del found["lo"]
    assert list(found.values()) == [set(family.versions)]


@pytest.mark.parametrize(("family", "node", "peer"), PEERS, ids=str)
def test_a_peers_name_means_addresses_of_the_family_alone(
    machines: Standing, family: Family, node: str, peer: str
) -> None:
    host = machines.host(node)
    assert versions(host.check_output(f"getent ahosts {peer}")) == set(family.versions)
    found = host.run(f"getent ahostsv4 {peer}")
    assert found.rc == (0 if 4 in family.versions else 2)  # 2: no such name, see getent(1)


@pytest.mark.parametrize(("family", "node"), EVERY_NODE, ids=str)
def test_a_machines_own_name_means_addresses_of_the_family_alone(
    machines: Standing, family: Family, node: str
) -> None:
    host = machines.host(node)
    assert host.check_output("hostname") == node
    assert versions(host.check_output(f"getent ahosts {node}")) == set(family.versions)


def looking_at_once(family: Family, image: str) -> dict[str, Any]:
    """A scenario of programs whose first instructions look for IPv4 addresses and names."""
    has = 4 in family.versions
    found = {"contains": ["${addresses.ipv4}"]} if has else ""
    lines = [r"\d+: lo .* (re)", *([r"\d+: eth\d+ .* (re)"] if has else [])]
    show, ask = ["ip", "-4", "-oneline", "address"], ["getent", "ahostsv4", "addresses"]
    return {
        "intent": "a program's first instructions must meet no other family",
        "networks": {"lan": {"family": family.value}},
        "nodes": {
            "addresses": {"image": image, "args": show, "networks": ["lan"]},
            "names": {"image": image, "args": ask, "networks": ["lan"]},
        },
        "steps": [{"start": ["addresses", "names"]}],
        "expect": {
            "addresses": {"stdout": "".join(f"{line}\n" for line in lines)},
            "names": {"exit": 0 if has else 2, "stdout": found},
        },
    }


@pytest.mark.parametrize("family", Family, ids=lambda family: family.value)
def test_a_programs_first_instructions_meet_no_other_family(
    engine: DockerEngine, tmp_path: Path, family: Family
) -> None:
    image = state(engine.clients.mine(), read(OWN_SERVICES)).reference
    path = tmp_path / "first.yaml"
    path.write_text(yaml.safe_dump(looking_at_once(family, image)))
    ended = run_lab("run", str(path), "--engine", engine.url)
    assert ended.status == 0, ended
