"""What the agent's program understands of the kernel's texts and messages; nothing privileged."""

import errno
import json
import os
import socket
import struct
import sys

import pytest

from lab.agent.program import diag, identity, loop, netlink, proc_net, processes, routes, table
from lab.agent.program.captures import Captures
from lab.agent.program.commands import Commands
from lab.agent.program.holder import state
from lab.agent.program.namespaces import inside
from lab.agent.program.refusal import Refusal
from lab.agent.program.subnets import Subnet
from lab.agent.program.watches import Watches

CONTAINER = "3f" * 32
OTHER = "4e" * 32

little_endian = pytest.mark.skipif(sys.byteorder != "little", reason="golden texts are x86's")

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0DA2 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 4711 1
   1: 0201000A:0DA2 0301000A:C350 01 00000005:00000007 00:00000000 00000000     0        0 4712 1
   2: 0201000A:0DA2 0301000A:C351 06 00000000:00000000 03:00000A8C 00000000     0        0 0 3
"""
UDP6 = """\
  sl  local_address      remote_address      st tx_queue rx_queue
 97: 00000000000000000000000000000000:1356 00000000000000000000000000000000:0000 07 0:00000300
 98: 000000FD0000010000000000020000FF:1356 00000000000000000000000001000000:0035 01 0:0
 99: 0000000000000000FFFF00000201000A:1356 0000000000000000FFFF00000301000A:C350 01 0:0
"""


@little_endian
def test_tcp_table() -> None:
    assert proc_net.sockets("tcp", TCP) == [
        ("tcp", "0.0.0.0", 3490, None, None, "LISTEN", 2, 0),
        ("tcp", "10.0.1.2", 3490, "10.0.1.3", 50000, "ESTAB", 7, 5),
        ("tcp", "10.0.1.2", 3490, "10.0.1.3", 50001, "TIME-WAIT", 0, 0),
    ]


@little_endian
def test_udp_table_of_ipv6_with_any_and_mapped_addresses() -> None:
    assert proc_net.sockets("udp", UDP6) == [
        ("udp", "::", 4950, None, None, "UNCONN", 768, 0),
        ("udp", "fd00:0:1::ff00:2", 4950, "::1", 53, "ESTAB", 0, 0),
        ("udp", "::ffff:10.0.1.2", 4950, "::ffff:10.0.1.3", 50000, "ESTAB", 0, 0),
    ]


def test_this_machines_own_tables_list_a_socket_just_bound() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as bound:
        bound.bind(("::1", 0))
        with open("/proc/self/net/udp6") as file:  # noqa: PTH123
            rows = proc_net.sockets("udp", file.read())
    assert ("::1", bound_port(rows)) in {(row[1], row[2]) for row in rows}


def bound_port(rows: list[table.Row]) -> int:
    return next(row[2] for row in rows if row[1] == "::1")


def test_counts_name_only_what_is_of_one_namespace() -> None:
    text = "sockets: used 41\nTCP: inuse 1 orphan 0 tw 7 alloc 3 mem 468\nUDP: inuse 2 mem 9\n"
    assert proc_net.counts(text) == [
        ("TCP", "1"), ("TCP", "7"), ("UDP", "2"), ("UDP", ""),
    ]  # fmt: skip


def diag_body(family: int, state: int, local: str, remote: str, queues: tuple[int, int]) -> bytes:
    sides = (socket.inet_pton(family, side).ljust(16, b"\0") for side in (local, remote))
    head = struct.pack("=BBBB", family, state, 0, 0) + struct.pack("!HH", 3490, 50000)
    return head + b"".join(sides) + struct.pack("=IIIIIIII", 0, 0, 0, 0, *queues, 0, 0)


def test_diag_message() -> None:
    body = diag_body(socket.AF_INET6, 1, "fd00::2", "::ffff:10.0.1.3", (7, 5))
    assert diag.entry("tcp", body) == (
        "tcp", "fd00::2", 3490, "::ffff:10.0.1.3", 50000, "ESTAB", 7, 5,
    )  # fmt: skip


def test_a_listeners_send_queue_is_not_the_limit_of_its_backlog() -> None:
    body = diag_body(socket.AF_INET, 10, "0.0.0.0", "0.0.0.0", (1, 128))
    assert diag.entry("tcp", body)[-3:] == ("LISTEN", 1, 0)


@pytest.mark.parametrize(
    ("state", "queues", "outstanding"),
    [
        (10, (0, 0), False),
        (10, (1, 0), True),  # a connection waits to be accepted
        (1, (0, 0), False),
        (1, (1, 0), True),
        (1, (0, 1), True),
        (2, (0, 0), True),  # SYN-SENT waits for an answer
        (6, (0, 0), False),  # TIME-WAIT waits for nobody
        (7, (0, 0), False),
        (8, (0, 0), False),
    ],
)
def test_what_is_outstanding(state: int, queues: tuple[int, int], *, outstanding: bool) -> None:
    row = table.row("tcp", ("::", 1), ("::", 0), state, queues)
    assert table.pending(row) is outstanding


@pytest.mark.parametrize(
    "text",
    [
        f"0::/system.slice/docker-{CONTAINER}.scope\n",
        f"0::/../{CONTAINER}\n",
        f"12:pids:/docker/{CONTAINER}\n1:name=systemd:/docker/{CONTAINER}\n0::/\n",
        f"4:memory:/elsewhere:with:colons/docker/{CONTAINER}\n",
    ],
)
def test_control_groups_that_name_the_container(text: str) -> None:
    assert identity.in_control_group(text, CONTAINER)
    assert not identity.in_control_group(text, OTHER)


def test_a_control_group_of_nobody() -> None:
    assert not identity.in_control_group("0::/user.slice/user-1000.slice\n", CONTAINER)
    assert not identity.in_control_group("", CONTAINER)


MOUNTS = f"""\
721 581 0:65 / / rw,relatime master:190 - overlay overlay rw,lowerdir=/x\\040y
722 721 0:68 / /proc rw,nosuid - proc proc rw
723 722 0:69 / /proc/acpi ro,relatime - tmpfs tmpfs ro
730 721 254:1 /docker/containers/{CONTAINER}/hostname /etc/hostname rw - ext4 /dev/root rw
"""


def test_mounts_that_name_the_container() -> None:
    assert identity.in_mounts(MOUNTS, CONTAINER)
    assert not identity.in_mounts(MOUNTS, OTHER)


def test_the_device_of_a_nodes_own_proc() -> None:
    assert identity.proc_device(MOUNTS) == (0, 68)
    assert identity.proc_device(MOUNTS.replace("- proc proc", "- tmpfs tmpfs")) is None
    assert identity.proc_device("") is None


@pytest.mark.parametrize("text", ["", "3f3f", "g" * 64, "../" * 21 + "a"])
def test_no_container_id(text: str) -> None:
    assert not identity.is_container_id(text)


def test_a_process_whose_name_looks_like_fields() -> None:
    stat = b"17 (a) Z 9 (b) S 1 17 17 0 -1 4194560\n"
    assert processes.process(stat) == (17, 1, "S", "a) Z 9 (b")
    assert state(stat) == "S"


def test_a_process_whose_name_is_no_text() -> None:
    assert processes.process(b"17 (\xff\n) R 1 17 17\n") == (17, 1, "R", "\\xff\n")


STATUS = """\
Name:\tpython3
State:\tS (sleeping)
NSpid:\t27859\t7
voluntary_ctxt_switches:\t12
nonvoluntary_ctxt_switches:\t3
"""


def test_a_threads_activity() -> None:
    assert processes.activity(STATUS) == ("S", "12 3 ")
    assert processes.activity("") == ("X", "")


def test_a_pid_as_the_node_sees_it() -> None:
    assert processes.namespace_pid(STATUS) == 7


@pytest.mark.parametrize(
    ("subnet", "address", "within"),
    [
        ("10.1.0.0/24", "10.1.0.255", True),
        ("10.1.0.0/24", "10.1.1.0", False),
        ("10.1.0.7/24", "10.1.0.9", True),
        ("0.0.0.0/0", "192.0.2.1", True),
        ("0.0.0.0/0", "::1", False),
        ("fd00:1::/64", "fd00:1::9", True),
        ("fd00:1::/64", "fd00:2::9", False),
        ("192.0.2.1/32", "192.0.2.1", True),
    ],
)
def test_subnets(subnet: str, address: str, *, within: bool) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    assert Subnet(subnet).holds(socket.inet_pton(family, address)) is within


@pytest.mark.parametrize("text", ["", "10.1.0.0", "10.1.0.0/33", "10.1/8", "fd00::/-1", "x/8"])
def test_no_subnet(text: str) -> None:
    with pytest.raises(Refusal, match="is no subnet"):
        Subnet(text)


def route(destination: str, *, kind: int = 1, flags: int = 0) -> bytes:
    address, _, prefix = destination.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    head = struct.pack("=BBBBBBBBI", family, int(prefix), 0, 0, 254, 2, 0, kind, flags)
    return head + netlink.attribute(1, socket.inet_pton(family, address))


@pytest.mark.parametrize("text", ["10.1.0.0/24", "fd00:1::/64", "192.0.2.0/24"])
def test_routes_that_count(text: str) -> None:
    assert routes.destination(route(text)) == text
    assert routes.destination(route(text, kind=6)) == text  # blackhole
    assert routes.destination(route(text, kind=3)) == ""  # broadcast
    assert routes.destination(route(text, flags=0x200)) == ""  # a cache entry


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "::/0", "127.0.0.0/8", "127.0.0.1/32", "::1/128", "fe80::/64", "ff00::/8"]
)
def test_routes_every_host_has(text: str) -> None:
    assert routes.destination(route(text)) == ""


def test_messages_and_attributes_are_padded() -> None:
    name = netlink.attribute(3, b"eth0\0")
    assert len(name) == 12
    assert netlink.attributes(b"head" + name + netlink.attribute(4, b"x"), 4) == {
        3: b"eth0\0",
        4: b"x",
    }
    head = struct.pack("=IHHII", 17, 20, 2, 9, 0)
    two = head + b"a\0\0\0" + head + b"b\0\0\0"
    assert list(netlink.messages(two)) == [(20, 2, 9, b"a"), (20, 2, 9, b"b")]


def test_broken_messages_end() -> None:
    assert len(list(netlink.messages(bytes(64)))) == 4
    assert netlink.attributes(bytes(8), 0) == {0: b""}


# -- the conversation ------------------------------------------------------------------------


@pytest.fixture
def commands() -> Commands:
    return Commands(Watches(lambda _: None), Captures())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{", "no JSON"),
        (b"[]", "must be an object"),
        (b"{}", "'do' of a request must be a string"),
        (b'{"do": "dance"}', "does not know 'dance'"),
        (b'{"do": "look", "key": "x", "facts": []}', "no node 'x' was adopted"),
        (b'{"do": "idle", "keys": "x"}', "'keys' of a request must be a list of strings"),
        (b'{"do": "adopt", "key": "x", "pid": 0, "container": "y"}', "'pid' of a request"),
        (b'{"do": "adopt", "key": "x", "pid": 1, "container": "y"}', "'y' is no container id"),
        (b'{"do": "watch", "key": "x", "facts": ["sockets"]}', "no node 'x' was adopted"),
    ],
)
def test_requests_that_make_no_sense(commands: Commands, line: bytes, what: str) -> None:
    answer = loop.answer(commands, line)
    assert what in str(answer["error"])
    assert answer["kind"] == "unknown"


def test_a_process_that_is_not_the_containers(commands: Commands) -> None:
    request = {"id": 7, "do": "adopt", "key": "x", "pid": os.getpid(), "container": CONTAINER}
    answer = loop.answer(commands, json.dumps(request).encode())
    assert (answer["id"], answer["kind"]) == (7, "not-here")
    assert "neither its control groups nor its mounts" in str(answer["error"])


def test_a_process_that_is_not_there(commands: Commands) -> None:
    request = {"do": "adopt", "key": "x", "pid": 2**22 + 1, "container": CONTAINER}
    assert loop.answer(commands, json.dumps(request).encode())["kind"] == "not-here"


def test_routes_of_a_process_that_is_not_there(commands: Commands) -> None:
    answer = loop.answer(commands, json.dumps({"do": "routes", "pid": 2**22 + 1}).encode())
    assert answer["kind"] == "gone"


def test_nothing_adopted_is_idle_and_forgotten(commands: Commands) -> None:
    assert loop.answer(commands, b'{"id": 1, "do": "idle", "keys": []}') == {"id": 1, "ok": True}
    assert loop.answer(commands, b'{"id": 2, "do": "forget", "key": "x"}') == {"id": 2, "ok": None}


def test_lines_arrive_in_pieces() -> None:
    lines = loop.Lines()
    assert list(lines.feed(b"one\ntw")) == [b"one"]
    assert list(lines.feed(b"o\n\nth")) == [b"two", b""]
    assert list(lines.feed(b"")) == []


def test_entering_that_fails_leaves_the_thread_where_it_was() -> None:
    def refuse(_namespace: int) -> None:
        raise OSError(errno.EPERM, "no")

    with pytest.raises(OSError, match="no"), inside(-1, enter=refuse):
        pytest.fail("entered all the same")


def test_a_namespace_is_left_again_after_a_failure_inside() -> None:
    entered: list[int] = []
    with pytest.raises(KeyError), inside(99, enter=entered.append):
        raise KeyError
    assert entered[0] == 99
    assert len(entered) == 2
