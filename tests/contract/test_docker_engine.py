"""What the Docker engine makes of specs, seen from inside the nodes, on every engine there is."""

import fcntl
import json
import os
import pty
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from msgspec.structs import replace

from lab import frames
from lab.agent.container import ContainerAgent
from lab.engine.docker_engine import DockerEngine
from lab.engine.output import output
from lab.engine.payloads import ISOLATED_GATEWAY
from lab.errors import EngineError
from lab.events import AddressEntry, Fact
from lab.model import Family
from lab.ports import Leftover, Started
from tests.contract.bench import Bench, Conversation

SHOW_LIMITS = """
import os, resource
print(open("/proc/self/status").read())
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
print(os.environ["GREETING"], os.getuid(), os.getgid())
"""

# As many children as there may be; each waits until its parent is gone.
FORK = """
import os
read, write = os.pipe()
try:
    while os.fork():
        pass
    os.close(write)
    os.read(read, 1)
except OSError as error:
    print(error.strerror)
"""


def engine_of(bench: Bench) -> DockerEngine:
    assert isinstance(bench.engine, DockerEngine)
    return bench.engine


def addresses(node: Conversation, process: int) -> dict[str, list[tuple[str, str]]]:
    """(address, scope) by interface."""
    status, text = node.run(process, ["ip", "-json", "address"])
    assert status == 0, text
    found: list[dict[str, Any]] = json.loads(text)
    return {
        each["ifname"]: [(one["local"], one["scope"]) for one in each["addr_info"]]
        for each in found
    }


def versions(found: list[tuple[str, str]]) -> set[int]:
    return {ip_address(address).version for address, _ in found}


def test_an_ipv4_node_has_no_ipv6_but_on_lo(docker_bench: Bench) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(Family.IPV4, "a"))
    found = addresses(nodes["a"], 0)
    assert versions(found.pop("lo")) == {4, 6}
    assert [versions(each) for each in found.values()] == [{4}]


def test_an_ipv6_only_network_is_native_where_the_engine_can(docker_bench: Bench) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(Family.IPV6, "a", "b"))
    allocation = docker_bench.allocation
    assert allocation is not None
    found = addresses(nodes["a"], 0)
    assert versions(found.pop("lo")) == {4, 6}
    (eth,) = found.values()
    assert allocation.bindings["a.ip"] in {address for address, _ in eth}
    if docker_bench.engine.abilities().ipv6_only:
        assert versions(eth) == {6}
    else:  # nothing but the shadow, for the agent to take away
        (shadow,) = (address for address, _ in eth if "." in address)
        subnets = map(ip_network, allocation.subnets["net0"])
        assert any(ip_address(shadow) in subnet for subnet in subnets)


@pytest.mark.parametrize("family", [Family.IPV4, Family.IPV6])
def test_names_come_from_etc_hosts_alone(docker_bench: Bench, family: Family) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(family, "listener", "talker"))
    asked, other = ("ahostsv6", "ahostsv4") if family is Family.IPV6 else ("ahostsv4", "hosts6")
    allocation = docker_bench.allocation
    assert allocation is not None
    for number, name in enumerate(("listener", "talker")):
        status, text = nodes["talker"].run(2 * number, ["getent", asked, name])
        assert status == 0
        assert {line.split()[0] for line in text.splitlines()} == {
            allocation.bindings[f"{name}.ip"]
        }
        if other == "ahostsv4":
            assert nodes["talker"].run(2 * number + 1, ["getent", other, name]) == (2, "")


def test_nodes_of_a_network_reach_each_other(docker_bench: Bench) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(Family.DUAL, "a", "b"))
    allocation = docker_bench.allocation
    assert allocation is not None
    listen = "import socket as s; l = s.create_server(('::', 4950), family=s.AF_INET6, " \
        "dualstack_ipv6=True); print('up', flush=True); l.accept(); l.accept()"  # fmt: skip
    nodes["b"].say(frames.begin(0, ["python3", "-c", listen]))
    assert nodes["b"].hear(lambda event: isinstance(event, frames.Stdout)) is not None
    for number, version in enumerate(("ipv4", "ipv6")):
        to = allocation.bindings[f"b.{version}"]
        connect = (
            f"import socket; print(socket.create_connection(('{to}', 4950), 5).getpeername()[0])"
        )
        assert nodes["a"].run(number, ["python3", "-c", connect]) == (0, f"{to}\n")


def test_unprivileged_ping_sockets_work(docker_bench: Bench) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(Family.DUAL, "a", "b"))
    for number, flag in enumerate(("-4", "-6")):
        argv = ["traceroute", flag, "-I", "-n", "-w", "2", "-m", "1", "b"]
        status, text = nodes["a"].run(number, argv)
        assert status == 0, text
        assert "*" not in text.splitlines()[1], text


def test_a_node_is_a_safe_place(docker_bench: Bench) -> None:
    node = docker_bench.begin(docker_bench.alone())
    status, text = node.run(0, ["python3", "-c", SHOW_LIMITS])
    assert status == 0, text
    facts = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert {facts[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert facts["NoNewPrivs"] == "1"
    assert text.splitlines()[-2:] == ["(0, 0) 1024", "hello world 65534 65534"]
    assert node.run(1, ["touch", "/anywhere"])[0] == 1
    assert node.run(2, ["touch", "/tmp/here"])[0] == 0


def test_a_share_is_one_directory_anybody_may_write_to(docker_bench: Bench) -> None:
    mount = docker_bench.share(size=1 << 20)
    first = docker_bench.begin(docker_bench.alone("first", mounts=[mount]))
    second = docker_bench.begin(docker_bench.alone("second", mounts=[mount]))
    assert first.run(0, ["sh", "-c", f"echo hello > {mount.path}/greeting"]) == (0, "")
    assert second.run(0, ["cat", f"{mount.path}/greeting"]) == (0, "hello\n")
    assert first.run(1, ["ls", mount.path]) == (0, "greeting\n")  # nothing of anybody's image
    status, said = second.run(1, ["sh", "-c", f"cat /dev/zero > {mount.path}/too-much"])
    assert (status, "No space left on device" in said) == (1, True)
    assert second.run(2, ["touch", "/run/elsewhere"])[0] == 1


def test_a_share_may_be_in_the_nodes_own_scratch_space(docker_bench: Bench) -> None:
    mount = replace(docker_bench.share(), path="/tmp/echo/deep")
    node = docker_bench.begin(docker_bench.alone(mounts=[mount]))
    assert node.run(0, ["touch", "/tmp/echo/deep/a", "/tmp/b"]) == (0, "")


def test_a_node_stays_within_its_memory_and_processes(docker_bench: Bench) -> None:
    node = docker_bench.begin(docker_bench.alone())
    status, _ = node.run(0, ["python3", "-c", "x = bytearray(200 << 20)"])
    assert status != 0
    assert node.pinged(1)  # the holder outlives its program
    status, text = node.run(1, ["python3", "-c", FORK])
    assert (status, text) == (0, "Resource temporarily unavailable\n")


def test_the_end_of_the_lab_is_the_end_of_the_node(docker_bench: Bench) -> None:
    """Without a word of farewell: what a killed lab leaves behind runs no more."""
    spec = docker_bench.alone()
    node = docker_bench.begin(spec)
    other = docker_bench.attach(spec.name)
    node.socket.close()
    assert other.hear(lambda _: False) is None
    assert docker_bench.engine.death(spec.name).endswith("its holder ended with status 0")


def test_a_network_waits_for_a_node_that_is_leaving(docker_bench: Bench) -> None:
    docker_bench.deploy(docker_bench.topology(Family.DUAL, "a"))
    removing = threading.Thread(
        target=docker_bench.engine.remove_node, args=(docker_bench.name("a"),)
    )
    removing.start()
    docker_bench.engine.remove_network(docker_bench.name("net0"))
    removing.join()
    assert docker_bench.engine.find(docker_bench.labels) == ()


def test_a_node_may_be_removed_twice_at_once(docker_bench: Bench) -> None:
    spec = docker_bench.alone()
    docker_bench.begin(spec)
    failures: list[EngineError] = []

    def remove() -> None:
        try:
            docker_bench.engine.remove_node(spec.name)
        except EngineError as error:
            failures.append(error)

    removing = [threading.Thread(target=remove) for _ in range(3)]
    for thread in removing:
        thread.start()
    for thread in removing:
        thread.join()
    assert failures == []
    assert docker_bench.engine.find(docker_bench.labels) == ()


def test_volumes_are_found_and_removed(docker_bench: Bench) -> None:
    name = docker_bench.name("volume")
    engine_of(docker_bench).clients.mine().create_volume(name, labels=docker_bench.labels)
    found = docker_bench.engine.find(docker_bench.labels)
    assert [(one.what, one.name) for one in found] == [("volume", name)]
    docker_bench.engine.remove(found[0])
    docker_bench.engine.remove(found[0])
    assert docker_bench.engine.find(docker_bench.labels) == ()


def test_nobody_can_remove_what_is_no_thing_of_the_engine(docker_bench: Bench) -> None:
    with pytest.raises(EngineError, match="no way to remove a wish"):
        docker_bench.engine.remove(Leftover("wish", "1", "x", {}))


# -- nodes whose lab died --------------------------------------------------------------------


def test_what_runs_on_a_node_ends_with_its_stream(docker_bench: Bench) -> None:
    """The node itself stays a while: they are to be removed in turns."""
    topology = docker_bench.topology(Family.IPV6, "a")
    node = docker_bench.deploy(topology)["a"]
    node.say(frames.begin(0, ["sleep", "1000"]))
    began = node.hear(lambda event: isinstance(event, frames.Began))
    assert began is not None
    engine, name = engine_of(docker_bench), docker_bench.name("a")
    client = engine.clients.mine()
    there = {row[-1]: int(row[1]) for row in client.top(name)["Processes"]}
    program = os.pidfd_open(there["sleep 1000"])
    node.socket.shutdown(socket.SHUT_WR)
    assert select.select([program], [], [], 60)[0]
    os.close(program)
    assert client.inspect_container(name)["State"]["Running"]


def test_a_start_under_way_is_waited_for(docker_bench: Bench) -> None:
    """Found once it is on its network, which is before it runs."""
    engine = engine_of(docker_bench)
    topology = docker_bench.topology(Family.IPV6, "a")
    [network] = docker_bench.network_specs(topology)
    docker_bench.make_network(network)
    [spec] = docker_bench.node_specs(topology)
    engine.create_node(spec)
    client = engine.clients.mine()
    told = {"type": "network", "event": "connect", "network": network.name}
    events = client.events(since=0, filters=told, decode=True)
    with closing(events), ThreadPoolExecutor(1) as pool:
        started = pool.submit(engine.start, spec.name)
        next(iter(events))
        [found] = [one for one in engine.find(docker_bench.labels) if one.name == spec.name]
        engine.settle(found)
        assert client.inspect_container(spec.name)["State"]["Running"]
        assert started.result().pid > 0
    engine.remove(found)
    engine.settle(found)  # gone is no error


# -- lasting nodes ---------------------------------------------------------------------------


def test_the_log_of_a_lasting_node_has_every_byte(docker_bench: Bench) -> None:
    engine = engine_of(docker_bench)
    spec = docker_bench.alone(lasting=True)
    node = docker_bench.begin(spec)
    emit = "import os; os.write(1, bytes(range(256)) * 20); os.write(2, b'no newline')"
    node.run(0, ["python3", "-c", emit])
    node.socket.close()
    decoder = frames.Decoder()
    events = list(decoder.feed(engine.logs(spec.name)))
    assert [e for e in events if not isinstance(e, frames.Pong)] == node.events
    written = b"".join(output(engine, spec.name, follow=False))
    assert sorted(written) == sorted(bytes(range(256)) * 20 + b"no newline")


def test_the_log_can_be_followed_to_the_end(docker_bench: Bench) -> None:
    engine = engine_of(docker_bench)
    spec = docker_bench.alone(lasting=True)
    node = docker_bench.begin(spec)
    node.say(frames.begin(0, ["cat"]), frames.send(0, b"early\n"))
    lines = output(engine, spec.name, follow=True)
    assert next(lines) == b"early\n"
    node.say(frames.send(0, b"late\n"))
    assert next(lines) == b"late\n"
    engine.remove_node(spec.name)
    assert list(lines) == []


# -- a person at a node ----------------------------------------------------------------------

SHELL = "import sys; from lab.engine import open_engine; from lab.engine.shell import interact; " \
    "sys.exit(interact(open_engine(sys.argv[1]), sys.argv[2], sys.argv[3:]))"  # fmt: skip


def shell(bench: Bench, name: str, *argv: str) -> list[str]:
    return [sys.executable, "-c", SHELL, engine_of(bench).url, name, *argv]


def test_a_program_run_on_a_node_through_pipes(docker_bench: Bench) -> None:
    spec = docker_bench.alone()
    docker_bench.begin(spec)
    script = "tr a-z A-Z; echo oops >&2; exit 7"
    done = subprocess.run(
        shell(docker_bench, spec.name, "sh", "-c", script),
        input=b"shout\0", capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (7, b"SHOUT\0", b"oops\n")


# Says how large its terminal is, once at first and once when it is told of a change.
SIZES = """
import os, signal, sys
def say(*_):
    print(*os.get_terminal_size(), flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
say()
while os.get_terminal_size() != (66, 22):
    signal.sigwait([signal.SIGWINCH])
say()
sys.exit(len(sys.stdin.readline()))
"""


def test_a_terminal_on_a_node_is_left_as_it_was(docker_bench: Bench) -> None:
    spec = docker_bench.alone()
    docker_bench.begin(spec)
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    set_size(theirs, 33, 77)
    argv = shell(docker_bench, spec.name, "python3", "-c", SIZES)
    with subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as person:
        try:
            read_until(ours, b"\n", person)
            set_size(theirs, 22, 66)
            person.send_signal(signal.SIGWINCH)
            read_until(ours, b"66 22", person)
            os.write(ours, b"four\r")
            assert person.wait(30) == 5, person.stderr and person.stderr.read()
        finally:
            person.kill()
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def set_size(terminal: int, rows: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_until(terminal: int, wanted: bytes, person: subprocess.Popen[bytes]) -> None:
    seen = b""
    ended = os.pidfd_open(person.pid)
    while wanted not in seen:
        ready, _, _ = select.select([terminal, ended], [], [], 60)
        assert terminal in ready, (seen, person.poll(), ready and person.communicate()[1])
        seen += os.read(terminal, 4096)
    os.close(ended)


# -- the agent -------------------------------------------------------------------------------


def test_the_agent_works_in_a_container(docker_bench: Bench) -> None:
    nodes = docker_bench.deploy(docker_bench.topology(Family.IPV6, "a"))
    assert nodes["a"].pinged(1)
    engine = engine_of(docker_bench)
    image = engine.image(None).reference
    name = docker_bench.name(f"agent-{secrets.token_hex(4)}")
    attached = engine.start_agent(image, name, docker_bench.labels)
    with closing(ContainerAgent(attached, lambda: engine.remove_node(name))) as agent:
        assert agent.routes()
        found = engine.clients.mine().inspect_container(docker_bench.name("a"))
        agent.adopt("a", Started(found["State"]["Pid"], found["Id"]))
        looked = agent.look("a", frozenset({Fact.ADDRESSES}))[Fact.ADDRESSES]
        there = {one.address for one in looked if isinstance(one, AddressEntry)}
        allocation = docker_bench.allocation
        assert allocation is not None
        assert allocation.bindings["a.ip"] in there
    assert [one.name for one in engine.find(docker_bench.labels) if one.name == name] == []


def test_an_agent_in_a_container_takes_the_engines_host_off_a_network(docker_bench: Bench) -> None:
    (spec,) = docker_bench.network_specs(docker_bench.topology(Family.DUAL))
    engine = engine_of(docker_bench)
    bridge = engine.create_network(spec)
    name = docker_bench.name(f"agent-{secrets.token_hex(4)}")
    attached = engine.start_agent(engine.image(None).reference, name, docker_bench.labels)
    with closing(ContainerAgent(attached, lambda: engine.remove_node(name))) as agent:
        joined = engine.abilities().api < ISOLATED_GATEWAY
        assert {*spec.subnets} & {*agent.routes()} == ({*spec.subnets} if joined else set())
        with pytest.raises(EngineError, match="there is no bridge"):
            agent.isolate(f"{bridge[:-1]}!", spec.subnets)
        agent.isolate(bridge, spec.subnets)
        assert not {*spec.subnets} & {*agent.routes()}


def test_an_agent_that_cannot_start_leaves_nothing(docker_bench: Bench) -> None:
    engine = engine_of(docker_bench)
    with pytest.raises(EngineError, match="cannot start the agent"):
        engine.start_agent("no/such/image:here", docker_bench.name("agent"), docker_bench.labels)
    assert engine.find(docker_bench.labels) == ()


# -- the stream ------------------------------------------------------------------------------


def test_a_stream_is_a_plain_blocking_socket(docker_bench: Bench) -> None:
    spec = docker_bench.alone()
    docker_bench.engine.create_node(spec)
    sock = docker_bench.engine.attach(spec.name)
    with sock:
        assert type(sock) is socket.socket
        assert sock.gettimeout() is None
    assert docker_bench.engine.find({**docker_bench.labels, "lab.node": "alone"}) != ()


def test_an_engine_that_is_old_gets_what_it_takes_one_by_one(docker_bench: Bench) -> None:
    topology = docker_bench.topology(Family.DUAL, "a", networks=3)
    found = addresses(docker_bench.deploy(topology)["a"], 0)
    allocation = docker_bench.allocation
    assert allocation is not None
    given = {address for place in allocation.places for address in place.addresses}
    assert given <= {address for each in found.values() for address, _ in each}


def test_a_node_with_a_way_out_asks_the_engines_resolvers(docker_bench: Bench) -> None:
    spec = replace(docker_bench.alone(), outside=True)
    docker_bench.engine.create_node(spec)
    found = engine_of(docker_bench).clients.mine().inspect_container(spec.name)
    assert found["HostConfig"]["Dns"] in (None, [])
