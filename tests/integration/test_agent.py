"""The agent on real nodes: namespaces made for the test, and containers of real engines.

A node of these tests is a Python process in new network, pid and mount namespaces that runs the
statements it is sent. It carries a container's id as a container does: in its mounts.
"""

import io
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from lab.agent.child import ChildAgent, engine_beside, engine_pid
from lab.agent.failures import NodeGoneError, NotHereError
from lab.agent.program import proc_net
from lab.agent.program.features import TRIALS
from lab.cli import kernel
from lab.errors import EngineError
from lab.events import AddressEntry, Fact, ProcessEntry, SocketEntry
from lab.ports import Started
from lab.private_engine import daemon

ROOT = sys.platform == "linux" and os.geteuid() == 0
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not ROOT, reason="the child agent is for root on Linux only"),
]

LIMIT = 20.0  # seconds for what takes milliseconds
SOCKETS = frozenset({Fact.SOCKETS})
PROCESSES = frozenset({Fact.PROCESSES})
ADDRESSES = frozenset({Fact.ADDRESSES})

NODE = """
import os, socket, subprocess, sys, threading
from socket import *
def tcp(family, address, port):
    server = socket(family, SOCK_STREAM)
    server.bind((address, port))
    server.listen()
    return server
def udp(family, address, port):
    bound = socket(family, SOCK_DGRAM)
    bound.bind((address, port))
    return bound
def ip(words):
    subprocess.run(["ip", *words.split()], check=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""
MOUNT = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'


@dataclass(frozen=True)
class Node:
    """A running node; `started` is what an engine would say of it."""

    started: Started
    process: "subprocess.Popen[str]"

    def do(self, *statements: str) -> None:
        """Have it run statements; returns when they are done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for statement in statements:
            self.process.stdin.write(statement + "\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "done\n", statement

    def begin(self, statement: str) -> None:
        """Have it run a statement that is not waited for."""
        assert self.process.stdin is not None
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it as an engine would."""
        with suppress(ProcessLookupError):
            os.kill(self.started.pid, signal.SIGKILL)
        self.process.wait(LIMIT)


@contextmanager
def running(folder: Path, *namespaces: str) -> Iterator[Node]:
    """A node in the given sorts of new namespaces, as unshare(1) calls them."""
    container = secrets.token_hex(32)
    source = folder / container / "hosts"
    source.parent.mkdir()
    source.write_text("")
    command = ["unshare", "--fork", "--kill-child", *namespaces, "sh", "-c", MOUNT, "sh"]
    with subprocess.Popen(
        [*command, source, sys.executable, "-S", "-c", NODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        node = Node(Started(0, container), process)
        try:
            node.do("pass")
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            node = Node(Started(int(children), container), process)
            yield node
        finally:
            if node.started.pid:
                node.kill()
            process.kill()


@pytest.fixture
def node(agent: ChildAgent, tmp_path: Path) -> Iterator[Node]:
    """An adopted node of its own network, with loopback up; its key is `node`."""
    with running(tmp_path, "--net", "--pid", "--mount", "--mount-proc") as node:
        node.do("ip('link set lo up')")
        agent.adopt("node", node.started)
        yield node


@pytest.fixture
def wired(node: Node) -> Iterator[Node]:
    """The node with an interface `wire0`, 192.0.2.2 and 2001:db8::2, whose cable ends here."""
    name = f"lt{secrets.token_hex(4)}"
    pid = str(node.started.pid)
    peer = ["peer", "name", "wire0", "netns", pid]
    subprocess.run(["ip", "link", "add", name, "up", "type", "veth", *peer], check=True)
    node.do(
        "ip('link set wire0 up')",
        "ip('address add 192.0.2.2/24 dev wire0')",
        "ip('address add 2001:db8::2/64 dev wire0 nodad')",
        "ip('route add default via 192.0.2.1')",
    )
    yield node
    subprocess.run(["ip", "link", "del", name], check=True)


SHOWN = "subprocess.run(['ip', {}], check=True, text=True, stdout=-1).stdout"


def test_a_pulled_cable_is_no_carrier_and_all_else_stays(agent: ChildAgent, wired: Node) -> None:
    before = addresses(agent, 4)
    agent.plug("node", "192.0.2.2", on=False)
    wired.do(f"assert 'NO-CARRIER' in {SHOWN.format(repr('link'))}")
    wired.do(f"assert 'default via 192.0.2.1' in {SHOWN.format(repr('route'))}")
    assert addresses(agent, 4) == before
    agent.plug("node", "2001:db8::2", on=True)  # the same interface, by its other address
    wired.do(f"assert 'NO-CARRIER' not in {SHOWN.format(repr('link'))}")


def test_other_addresses_in_place_of_those_of_their_family(agent: ChildAgent, wired: Node) -> None:
    agent.renumber("node", "192.0.2.2", ["192.0.2.99/24"])
    assert "wire0 192.0.2.99/24 global" in addresses(agent, 4)
    assert "wire0 192.0.2.2/24 global" not in addresses(agent, 4)
    assert "wire0 2001:db8::2/64 global" in addresses(agent, 6)
    wired.do(f"assert 'default via 192.0.2.1' in {SHOWN.format(repr('route'))}")
    agent.renumber("node", "192.0.2.2", ["192.0.2.98/24"])  # still known by what it had first
    assert "wire0 192.0.2.98/24 global" in addresses(agent, 4)


def test_a_link_that_is_not_there(agent: ChildAgent, wired: Node) -> None:
    with pytest.raises(EngineError, match="no interface of the node has the address"):
        agent.plug("node", "192.0.2.77", on=False)


def sockets(agent: ChildAgent) -> list[str]:
    """The node's sockets in short, in order."""
    entries = [e for e in agent.look("node", SOCKETS)[Fact.SOCKETS] if isinstance(e, SocketEntry)]
    return sorted(f"{entry.local} {entry.state} {entry.receive_queue}" for entry in entries)


def addresses(agent: ChildAgent, version: int) -> list[str]:
    """The node's addresses of a version, interface by interface."""
    found = agent.look("node", ADDRESSES)[Fact.ADDRESSES]
    entries = [e for e in found if isinstance(e, AddressEntry) and e.version == version]
    return [f"{e.interface} {e.address}/{e.prefix} {e.scope}" for e in entries]


def processes(agent: ChildAgent) -> list[ProcessEntry]:
    """The node's processes."""
    found = agent.look("node", PROCESSES)[Fact.PROCESSES]
    return [entry for entry in found if isinstance(entry, ProcessEntry)]


def comes(agent: ChildAgent, facts: frozenset[Fact], seen: Callable[[], bool]) -> bool:
    """Whether a state comes about, looking again only when the agent tells of a change."""
    told = threading.Semaphore(0)
    agent.watch("node", facts, lambda: told.release())  # noqa: PLW0108 - release() takes a number
    try:
        while not seen():
            if not told.acquire(timeout=LIMIT):
                return False
        return True
    finally:
        agent.unwatch("node")


# -- adopting --------------------------------------------------------------------------------


def test_only_the_containers_own_process_is_adopted(agent: ChildAgent, node: Node) -> None:
    with pytest.raises(NotHereError, match="neither its control groups nor its mounts"):
        agent.adopt("other", Started(node.started.pid, "ab" * 32))
    with pytest.raises(EngineError, match="no node 'other' was adopted"):
        agent.look("other", SOCKETS)


def test_a_node_that_ended_is_gone(agent: ChildAgent, node: Node) -> None:
    told = threading.Event()
    agent.watch("node", SOCKETS, told.set)
    node.kill()
    assert told.wait(LIMIT)
    for facts in (SOCKETS, PROCESSES, ADDRESSES):
        with pytest.raises(NodeGoneError, match="the node has ended"):
            agent.look("node", facts)
    with pytest.raises(NodeGoneError):
        agent.flush("node", ["0.0.0.0/0"])
    with pytest.raises(NodeGoneError):
        agent.watch("node", SOCKETS, told.set)
    assert agent.idle(["node"]) is True
    agent.forget("node")
    with pytest.raises(EngineError, match="no node 'node' was adopted"):
        agent.look("node", SOCKETS)


def test_a_node_killed_while_it_is_looked_at(agent: ChildAgent, node: Node) -> None:
    every = frozenset(Fact)
    killer = threading.Thread(target=node.kill)

    def look_until_it_is_gone() -> None:
        while True:
            assert set(agent.look("node", every)) == every

    agent.look("node", every)
    killer.start()
    with pytest.raises(NodeGoneError):
        look_until_it_is_gone()
    killer.join(LIMIT)


def test_two_hundred_nodes(agent: ChildAgent, node: Node) -> None:
    keys = [f"node-{number}" for number in range(200)]
    told: dict[str, threading.Event] = {key: threading.Event() for key in keys}
    for key in keys:
        agent.adopt(key, node.started)
        agent.watch(key, SOCKETS, told[key].set)
    assert agent.idle(keys) is True
    node.do("kept = tcp(AF_INET6, '::', 3490)")
    assert all(event.wait(LIMIT) for event in told.values())
    for key in keys:
        agent.forget(key)


# -- addresses -------------------------------------------------------------------------------


def test_flushing_ipv4_leaves_none_but_loopbacks(agent: ChildAgent, node: Node) -> None:
    node.do(
        "ip('link add va type veth peer name vb')",
        "ip('link set va up')",
        *(f"ip('addr add {one} dev va')" for one in ("10.1.0.2/24", "10.1.0.3/24", "192.0.2.5/32")),
        "ip('addr add 10.2.0.1/16 dev vb')",
        "ip('addr add fd00:1::2/64 dev va nodad')",
    )
    agent.flush("node", ["10.1.0.0/24"])
    assert addresses(agent, 4) == [
        "lo 127.0.0.1/8 host", "vb 10.2.0.1/16 global", "va 192.0.2.5/32 global",
    ]  # fmt: skip
    agent.flush("node", ["0.0.0.0/0"])
    assert addresses(agent, 4) == ["lo 127.0.0.1/8 host"]
    assert "va fd00:1::2/64 global" in addresses(agent, 6)
    agent.flush("node", ["::/0"])
    assert addresses(agent, 6) == ["lo ::1/128 host"]


BRIDGE = ("10.1.0.1/24", "10.1.0.77/24", "fd00:1::1/64", "fe80::1/64")


@pytest.fixture
def bridged(node: Node) -> Iterator[ChildAgent]:
    """An agent of an engine in that node's network, where `br0` is as an engine makes bridges."""
    node.do(
        "ip('link add va type veth peer name vb')",
        "ip('addr add 10.1.0.9/24 dev va')",
        "ip('link add br0 type bridge')",
        "ip('link set vb master br0')",  # so that it has no carrier yet
        "ip('link set br0 up')",
        *(f"ip('addr add {each} dev br0')" for each in BRIDGE),
    )
    agent = ChildAgent(engine_pid=node.started.pid)
    yield agent
    agent.close()


def first_node(node: Node) -> None:
    """Have the first cable on the bridge work, whereupon a kernel gives it a link-local address."""
    node.do(
        "ip('link set va up')",
        "ip('link set vb up')",
        "while 'state UP' not in subprocess.getoutput('ip link show br0'): pass",
    )


def of_bridge(agent: ChildAgent) -> list[str]:
    """Its addresses."""
    return [a for v in (4, 6) for a in addresses(agent, v) if a.startswith("br0 ")]


def test_a_bridge_without_addresses_has_none_when_nodes_come(
    agent: ChildAgent, node: Node, bridged: ChildAgent
) -> None:
    assert len(of_bridge(agent)) == len(BRIDGE)
    bridged.isolate("br0", ["10.1.0.0/24", "fd00:1::/64"])
    assert of_bridge(agent) == []
    first_node(node)
    assert of_bridge(agent) == []
    bridged.isolate("br0", ["10.1.0.0/24", "fd00:1::/64"])  # again is no error
    assert "va 10.1.0.9/24 global" in addresses(agent, 4)


def test_a_bridge_loses_also_what_the_first_node_brought_it(
    agent: ChildAgent, node: Node, bridged: ChildAgent
) -> None:
    node.do("ip('addr flush dev br0')", "ip('addr add 10.1.0.1/24 dev br0')")
    first_node(node)
    assert comes(agent, ADDRESSES, lambda: len(of_bridge(agent)) == 2)  # a link-local one
    bridged.isolate("br0", ["10.1.0.0/24"])
    assert of_bridge(agent) == []


@pytest.mark.parametrize(
    ("name", "subnets", "why"),
    [
        ("br0", ["10.1.0.0/24"], "br0 is of another network: it has fd00:1::1"),
        ("br0", ["10.2.0.0/24", "fd00:1::/64"], "br0 is of another network: it has 10.1.0.1"),
        ("br1", ["10.1.0.0/24"], "there is no bridge br1"),
        ("va", ["10.1.0.0/24"], "there is no bridge va"),
    ],
)
def test_nothing_but_the_networks_own_bridge_is_touched(
    agent: ChildAgent, bridged: ChildAgent, name: str, subnets: list[str], why: str
) -> None:
    before = [addresses(agent, 4), addresses(agent, 6)]
    with pytest.raises(EngineError, match=why):
        bridged.isolate(name, subnets)
    assert [addresses(agent, 4), addresses(agent, 6)] == before


def test_a_node_on_its_hosts_network_is_not_flushed(agent: ChildAgent, tmp_path: Path) -> None:
    with running(tmp_path, "--pid", "--mount", "--mount-proc") as node:
        agent.adopt("node", node.started)
        with pytest.raises(EngineError, match="no network of its own"):
            agent.flush("node", ["203.0.113.0/24"])


def test_a_watched_address(agent: ChildAgent, node: Node) -> None:
    node.begin("ip('link add va type veth peer name vb'); ip('addr add 10.1.0.2/24 dev va')")
    assert comes(agent, ADDRESSES, lambda: "va 10.1.0.2/24 global" in addresses(agent, 4))


# -- sockets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::", "::1"])
def test_a_watch_tells_of_a_bound_port(
    agent: ChildAgent, node: Node, transport: str, address: str
) -> None:
    state = {"tcp": "LISTEN", "udp": "UNCONN"}[transport]
    family, shown = ("AF_INET6", f"[{address}]") if ":" in address else ("AF_INET", address)
    node.begin(f"kept = {transport}({family}, {address!r}, 4950)")
    expected = [f"{transport}/{shown}:4950 {state} 0"]
    assert comes(agent, SOCKETS, lambda: sockets(agent) == expected)
    node.begin("kept.close()")
    assert comes(agent, SOCKETS, lambda: sockets(agent) == [])


def test_states_and_queues(agent: ChildAgent, node: Node) -> None:
    node.do(
        "server = tcp(AF_INET6, '::', 3490)",
        "client = create_connection(('127.0.0.1', 3490), source_address=('127.0.0.1', 5001))",
        "waiting = create_connection(('::1', 3490), source_address=('::1', 5002))",
        "accepted, _ = server.accept()",
        "client.send(b'seven b')",
        "box = udp(AF_INET, '127.0.0.1', 4950)",
        "peer = udp(AF_INET, '127.0.0.1', 4951); peer.connect(('127.0.0.1', 4950))",
    )
    assert sockets(agent) == [
        "tcp/127.0.0.1:5001 ESTAB 0",
        "tcp/[::1]:3490 ESTAB 0",
        "tcp/[::1]:5002 ESTAB 0",
        "tcp/[::]:3490 LISTEN 1",
        "tcp/[::ffff:127.0.0.1]:3490 ESTAB 7",
        "udp/127.0.0.1:4950 UNCONN 0",
        "udp/127.0.0.1:4951 ESTAB 0",
    ]
    node.do("accepted.recv(7)", "accepted.close()")
    assert comes(agent, SOCKETS, lambda: "tcp/127.0.0.1:5001 CLOSE-WAIT 1" in sockets(agent))
    node.do("client.close()")
    assert "tcp/[::ffff:127.0.0.1]:3490 TIME-WAIT 0" in sockets(agent)


def test_both_ways_to_list_sockets_agree(agent: ChildAgent, node: Node) -> None:
    node.do(
        "server = tcp(AF_INET6, '::', 3490)",
        "client = create_connection(('127.0.0.1', 3490))",
        "box = udp(AF_INET6, '::1', 4950)",
        "box.sendto(b'unread', ('::1', 4950))",
    )
    folder = Path(f"/proc/{node.started.pid}/net")
    rows = [
        row
        for name in proc_net.TABLES
        for row in proc_net.sockets(name[:3], (folder / name).read_text())
    ]
    short = [
        f"{row[0]}/{f'[{row[1]}]' if ':' in row[1] else row[1]}:{row[2]} {row[5]} {row[6]}"
        for row in rows
    ]
    assert len(short) == 4
    assert sorted(short) == sockets(agent)


def test_a_watch_tells_of_a_change_that_leaves_the_number_of_sockets(
    agent: ChildAgent, node: Node
) -> None:
    node.do("here, there = udp(AF_INET, '127.0.0.1', 1), udp(AF_INET, '127.0.0.1', 2)")
    node.begin("here.sendto(b'x', ('127.0.0.1', 2))")
    seen = "udp/127.0.0.1:2 UNCONN 0"
    assert comes(agent, SOCKETS, lambda: seen not in sockets(agent))


# -- processes -------------------------------------------------------------------------------


def test_processes_as_the_node_sees_them(agent: ChildAgent, node: Node) -> None:
    assert processes(agent) == []  # the holder is the machine
    node.do("child = subprocess.Popen(['sleep', '600'])")
    assert comes(agent, PROCESSES, lambda: [p.command for p in processes(agent)] == ["sleep"])
    (child,) = processes(agent)
    assert (child.parent, child.pid) == (1, child.pid)
    assert child.pid < 1000, "the node's own numbers, not the host's"
    node.do("child.kill()")
    assert comes(agent, PROCESSES, lambda: [p.state for p in processes(agent)] == ["Z"])
    node.do("child.wait()")
    assert processes(agent) == []


def test_a_process_that_entered_from_outside(agent: ChildAgent, node: Node) -> None:
    enter = ["nsenter", "--target", str(node.started.pid), "--pid", "--mount", "sleep", "600"]
    with subprocess.Popen(enter) as outside:
        try:
            assert comes(agent, PROCESSES, lambda: "sleep" in [p.command for p in processes(agent)])
        finally:
            outside.terminate()
            node.kill()


def test_a_node_without_a_proc_of_its_own(agent: ChildAgent, tmp_path: Path) -> None:
    with running(tmp_path, "--net", "--pid", "--mount") as node:
        node.do("subprocess.run(['mount', '-t', 'tmpfs', 'none', '/proc'], check=True)")
        agent.adopt("node", node.started)
        with pytest.raises(EngineError, match="no /proc of its own"):
            agent.look("node", PROCESSES)
        assert agent.look("node", SOCKETS) == {Fact.SOCKETS: ()}


# -- idle ------------------------------------------------------------------------------------


def becomes_idle(agent: ChildAgent) -> bool:
    """Whether it does within a number of questions that takes seconds."""
    return any(agent.idle(["node"]) for _ in range(5000))


def test_a_node_that_waits_for_input_is_idle(agent: ChildAgent, node: Node) -> None:
    assert becomes_idle(agent)


@pytest.mark.parametrize(
    "busy",
    [
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'while True: pass'])",
        "threading.Thread(target=exec, args=('while True: pass',), daemon=True).start()",
    ],
    ids=["process", "thread"],
)
def test_a_node_that_computes_is_not_idle(agent: ChildAgent, node: Node, busy: str) -> None:
    assert becomes_idle(agent)
    node.do(busy)
    assert not any(agent.idle(["node"]) for _ in range(50))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "s = tcp(AF_INET6, '::', 1); c = create_connection(('::1', 1))",
            "s.accept()[0].detach()",
        ),
        (
            "u = udp(AF_INET, '127.0.0.1', 1); u.sendto(b'x', ('127.0.0.1', 1))",
            "u.recv(9)",
        ),
        (
            "a, b = socketpair(); s = tcp(AF_INET, '127.0.0.1', 1);"
            " c = create_connection(('127.0.0.1', 1)); d, _ = s.accept(); c.close()",
            "d.recv(9)",
        ),
    ],
    ids=["connection not accepted", "datagram not read", "end of stream not read"],
)
def test_a_node_with_something_outstanding_is_not_idle(
    agent: ChildAgent, node: Node, before: str, after: str
) -> None:
    node.do(before)
    assert not any(agent.idle(["node"]) for _ in range(50))
    node.do(after)
    assert becomes_idle(agent)


# -- containers of real engines --------------------------------------------------------------

SLEEPER = shutil.which("sleep") or "sleep"


def image_tree() -> bytes:
    """A tar of sleep(1) and the libraries it is linked with: enough for a container to last."""
    listed = subprocess.run(["ldd", SLEEPER], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in listed.split() if word.startswith("/")]
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w", dereference=True) as tar:
        for path in (SLEEPER, *libraries):
            tar.add(path)
    return tree.getvalue()


def endpoints() -> dict[str, str | None]:
    """The machine's engine, and the private one where it runs."""
    return {"machine": "unix:///var/run/docker.sock", "private": daemon.endpoint()}


@pytest.fixture(params=["machine", "private"])
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, "docker.APIClient"]]:
    """The URL of an engine, and a client of it."""
    url = endpoints()[request.param]
    if url is None or engine_beside(url) is None:
        pytest.skip(f"no {request.param} engine answers here")
    client = docker.APIClient(base_url=url, version="1.41")
    yield url, client
    client.close()


@contextmanager
def container(client: "docker.APIClient") -> Iterator[Started]:
    """A sleeping container on the engine's default network."""
    with ExitStack() as undo:
        tag = f"lab-test-agent-{secrets.token_hex(4)}"
        client.import_image_from_data(image_tree(), repository=tag)
        undo.callback(client.remove_image, tag)
        made = client.create_container(tag, [SLEEPER, "600"], name=tag)
        undo.callback(client.remove_container, made["Id"], force=True)
        client.start(made["Id"])
        pid = client.inspect_container(made["Id"])["State"]["Pid"]
        yield Started(pid, made["Id"])


def test_a_container(agent: ChildAgent, engine: tuple[str, "docker.APIClient"]) -> None:
    _, client = engine
    with container(client) as started:
        with pytest.raises(NotHereError):
            agent.adopt("other", Started(started.pid, "ab" * 32))
        agent.adopt("node", started)
        assert len(addresses(agent, 4)) == 2
        agent.flush("node", ["0.0.0.0/0"])
        assert addresses(agent, 4) == ["lo 127.0.0.1/8 host"]
        assert processes(agent) == []
        assert sockets(agent) == []
        assert becomes_idle(agent)
        client.kill(started.container)
        client.wait(started.container)
        with pytest.raises(NodeGoneError):
            agent.look("node", SOCKETS)


def test_the_routes_are_the_engines(engine: tuple[str, "docker.APIClient"]) -> None:
    url, client = engine
    bridge = client.inspect_network("bridge")["IPAM"]["Config"][0]["Subnet"]
    agent = ChildAgent(engine_pid(url.removeprefix("unix://")))
    assert bridge in agent.routes()
    agent.close()


def test_the_engine_is_known_by_its_answer(engine: tuple[str, "docker.APIClient"]) -> None:
    url, _ = engine
    pid = engine_pid(url.removeprefix("unix://"))
    assert Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd"


def test_what_the_kernel_can_do_is_what_its_configuration_says(agent: ChildAgent) -> None:
    configured = kernel.abilities()
    told = {word for word in TRIALS if configured[word] is not kernel.Has.UNKNOWN}
    if not told:
        pytest.skip("this kernel tells of no configuration")
    has = {word for word in told if configured[word] is kernel.Has.YES}
    assert agent.features(frozenset(told)) == has


def test_the_agent_stays_in_its_own_network(agent: ChildAgent, node: Node) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert node.started.pid
        before = agent.routes()
        agent.flush("node", ["0.0.0.0/0"])
        agent.look("node", frozenset(Fact))
        assert agent.routes() == before
