"""Standing machines as testinfra sees them: through the docker command, from inside."""

from __future__ import annotations

import pytest

from tests.standing import MEMORY, NODES, PIDS, Standing

pytestmark = pytest.mark.docker

EVERY_NODE = {node for nodes in NODES.values() for node in nodes}
FAMILIES = {nodes[0]: family for family, nodes in NODES.items()}


@pytest.fixture(params=FAMILIES)
def node(request: pytest.FixtureRequest) -> str:
    """A machine on a network of each family."""
    return str(request.param)


def test_nobody_is_root(machines: Standing, node: str) -> None:
    host = machines.host(node)
    assert host.user().name == "nobody"
    assert host.user().uid == host.user().gid == 65534
    status = host.file("/proc/1/status").content_string
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {facts[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert facts["NoNewPrivs"] == "1"
    assert set(facts["Uid"].split()) == set(facts["Gid"].split()) == {"65534"}


def test_the_root_is_read_only_and_tmp_is_small(machines: Standing, node: str) -> None:
    host = machines.host(node)
    assert "ro" in host.mount_point("/").options
    assert host.mount_point("/tmp").filesystem == "tmpfs"
    assert host.run("touch /here").rc == 1
    assert host.run("touch /tmp/here").rc == 0
    filled = host.run("head -c 100000000 /dev/zero > /tmp/big; rm /tmp/big")
    assert "No space left on device" in filled.stderr


def test_limits_are_those_of_the_scenario(machines: Standing) -> None:
    host = machines.host("listener")
    groups = "/sys/fs/cgroup"  # version 1 has a folder for each controller, version 2 has none
    memory = f"cat {groups}/memory/memory.limit_in_bytes || cat {groups}/memory.max"
    assert int(host.check_output(memory)) == MEMORY
    pids = f"cat {groups}/pids/pids.max || cat {groups}/pids.max"
    assert int(host.check_output(pids)) == PIDS


def test_the_holder_is_the_machine_and_runs_nothing_yet(machines: Standing) -> None:
    host = machines.host("listener")
    holder = host.process.get(pid=1)
    assert (holder.args.split()[0], holder.user) == ("/.lab/holder", "nobody")
    assert host.process.filter(ppid=1) == []
    assert not host.socket("udp://:::4950").is_listening


def test_interfaces_are_of_the_family(machines: Standing, node: str) -> None:
    host = machines.host(node)
    [name] = [name for name in host.interface.names() if name != "lo"]
    addresses = host.interface(name.partition("@")[0]).addresses
    assert {6 if ":" in each else 4 for each in addresses} == set(FAMILIES[node].versions)


def test_etc_hosts_names_the_machines_of_the_network_alone(machines: Standing, node: str) -> None:
    named: dict[str, set[int]] = {}
    for line in machines.host(node).file("/etc/hosts").content_string.splitlines():
        address, *names = line.split()
        for name in EVERY_NODE.intersection(names):
            named.setdefault(name, set()).add(6 if ":" in address else 4)
    family = FAMILIES[node]
    assert named == {name: set(family.versions) for name in NODES[family]}


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_there_is_no_way_out(machines: Standing, node: str, address: str) -> None:
    assert "Network is unreachable" in machines.host(node).run(f"ip route get {address}").stderr


def test_what_is_the_labs_cannot_be_changed(machines: Standing) -> None:
    host = machines.host("talker")
    for path in ("/.lab/holder", "/lab/services/talker/talker.py", "/etc/hosts"):
        assert host.file(path).is_file
        assert host.run(f"echo >> {path}").rc != 0
