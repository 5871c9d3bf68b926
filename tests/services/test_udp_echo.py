"""udp-echo-server and udp-echo-client: what became of each datagram."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from .running import DEADLINE, Ending, Program, bound, failing, free_port, resolving, run

WAITING = b"udp-echo-server: waiting for datagrams\n"


def serving(port: int, *args: str, prelude: str = "") -> Program:
    server = Program("udp-echo-server", "--port", str(port), *args, prelude=prelude)
    assert server.line() == WAITING
    return server


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """A server of the test's own: it answers as the network might."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(DEADLINE)
        peer.bind(("127.0.0.1", 0))
        yield peer


class Client:
    """udp-echo-client, talking to a peer that decides what is echoed, and when."""

    def __init__(self, peer: socket.socket, *args: str) -> None:
        port = str(peer.getsockname()[1])
        self.peer = peer
        self.program = Program("udp-echo-client", "--port", port, *args, "127.0.0.1")
        self.address = ("", 0)

    def hear(self) -> bytes:
        data, self.address = self.peer.recvfrom(100)
        return data

    def answer(self, *datagrams: bytes) -> None:
        for data in datagrams:
            self.peer.sendto(data, self.address)

    def line(self) -> bytes:
        return self.program.line().removeprefix(b"udp-echo-client: ").removesuffix(b"\n")

    def end(self) -> Ending:
        with self.program:
            return self.program.end()


def summary(sent: int, messages: int, answered: int, lost: int, *rest: int) -> bytes:
    return (
        b"udp-echo-client: sent %d datagrams for %d messages: %d answered, %d lost, "
        b"%d reordered, %d doubled, %d late\n" % (sent, messages, answered, lost, *rest)
    )


# -- the server ------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"hello", b"", b"\xff\0\xfe", b"x" * 60000])
def test_what_comes_goes_back_whole(data: bytes) -> None:
    port = free_port()
    with serving(port) as server, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.settimeout(DEADLINE)
        client.sendto(data, ("::1", port))
        assert client.recvfrom(65535)[0] == data
        assert server.line() == b"udp-echo-server: got %d bytes from ::1\n" % len(data)


def test_each_answer_goes_where_its_datagram_came_from() -> None:
    port = free_port()
    with serving(port, "--family", "ipv4"):
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5)]
        for number, client in enumerate(clients):
            client.settimeout(DEADLINE)
            client.sendto(b"%d" % number, ("127.0.0.1", port))
        for number, client in enumerate(clients):
            with client:
                assert client.recv(10) == b"%d" % number


def test_an_answer_that_cannot_be_sent_does_not_end_it() -> None:
    once = (
        "import socket\n"
        "real = socket.socket.sendto\n"
        "def first(self, data, address):\n"
        "    socket.socket.sendto = real\n"
        "    raise OSError(101, 'injected')\n"
        "socket.socket.sendto = first\n"
    )
    port = free_port()
    with (
        serving(port, prelude=once) as server,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(DEADLINE)
        client.sendto(b"unheard", ("::1", port))
        assert server.complaint() == b"udp-echo-server: sendto: Network is unreachable\n"
        client.sendto(b"heard", ("::1", port))
        assert client.recv(10) == b"heard"


def test_server_families_and_ports() -> None:
    port = free_port()
    with serving(port):
        assert bound("udp6", port)
        told = b"udp-echo-server: bind: Address already in use\n"
        ending = run("udp-echo-server", "--port", str(port))
        assert ending == (2, b"", told + b"udp-echo-server: failed to bind socket\n")
    ending = run("udp-echo-server", prelude=failing("__init__", errno.EAFNOSUPPORT))
    assert ending.status == 2


# -- client and server -----------------------------------------------------------------------


@pytest.mark.parametrize(("family", "host"), [("ipv4", "127.0.0.1"), ("ipv6", "::1")])
@pytest.mark.parametrize("at_once", ["1", "3"])
def test_all_is_answered(family: str, host: str, at_once: str) -> None:
    port = free_port()
    with serving(port, "--family", family):
        args = ["--family", family, "--at-once", at_once, "--timeout", "30", "--messages", "3"]
        ending = run("udp-echo-client", "--port", str(port), *args, host)
    said = b"".join(b"udp-echo-client: message %d: answered\n" % n for n in (1, 2, 3))
    assert ending == (0, said + summary(3, 3, 3, 0, 0, 0, 0), b"")


def test_nobody_listens_and_it_is_told_at_each_try() -> None:
    args = ["--timeout", "0.01", "--tries", "2", "--messages", "1", "127.0.0.1"]
    ending = run("udp-echo-client", "--port", str(free_port()), *args)
    said = (
        b"udp-echo-client: message 1: no answer, sent again\n"
        b"udp-echo-client: message 1: lost\n" + summary(2, 1, 0, 1, 0, 0, 0)
    )
    refused = b"udp-echo-client: recv: Connection refused\n"
    assert ending == (1, said, 2 * refused)


# -- the client, and a network that does what it likes ---------------------------------------


def test_lost_once_it_is_sent_again(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "1", "--timeout", "0.01", "--tries", "1000")
    assert client.hear() == b"message 1 try 1"
    while (data := client.hear()) == b"message 1 try 1":
        pass
    assert data == b"message 1 try 2"
    client.answer(data)
    ending = client.end()
    assert ending.status == 0
    assert b"message 1: no answer, sent again\n" in ending.stdout
    assert b"message 1: answered\n" in ending.stdout


def test_lost_for_good(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "2", "--timeout", "0.01", "--tries", "3")
    ending = client.end()
    said = b""
    for number in (1, 2):
        said += b"udp-echo-client: message %d: no answer, sent again\n" % number * 2
        said += b"udp-echo-client: message %d: lost\n" % number
    assert ending == (1, said + summary(6, 2, 0, 2, 0, 0, 0), b"")
    heard = [client.hear() for _ in range(6)]
    assert heard == [b"message %d try %d" % (n, t) for n in (1, 2) for t in (1, 2, 3)]


def test_reordered(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "3", "--at-once", "3", "--timeout", "30")
    one, two, three = client.hear(), client.hear(), client.hear()
    client.answer(three, one, two)
    assert client.line() == b"message 3: answered"
    assert client.line() == b"message 1: answered out of order, after message 3"
    assert client.line() == b"message 2: answered out of order, after message 3"
    ending = client.end()
    assert ending.status == 0
    assert ending.stdout.endswith(summary(3, 3, 3, 0, 2, 0, 0))


def test_sending_again_is_no_reordering(peer: socket.socket) -> None:
    """1 is lost once and so answered after 2: that is the client's own doing."""
    client = Client(peer, "--messages", "2", "--at-once", "2", "--timeout", "1")
    assert client.hear() == b"message 1 try 1"
    client.answer(client.hear())
    assert client.line() == b"message 2: answered"
    client.answer(client.hear())
    assert client.line() == b"message 1: no answer, sent again"
    assert client.line() == b"message 1: answered"
    assert client.end().stdout.endswith(summary(3, 2, 2, 0, 0, 0, 0))


def test_doubled(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "2", "--timeout", "30")
    one = client.hear()
    client.answer(one, one)
    assert client.line() == b"message 1: answered"
    two = client.hear()
    assert client.line() == b"message 1: answered twice, doubled on the way"
    client.answer(two)
    assert client.line() == b"message 2: answered"
    assert client.end().stdout.endswith(summary(2, 2, 2, 0, 0, 1, 0))


def test_late_is_not_doubled(peer: socket.socket) -> None:
    """Both tries of a message are answered; and a message given up is answered all the same."""
    client = Client(peer, "--messages", "1", "--timeout", "1", "--tries", "2", "--linger", "1")
    one, again = client.hear(), client.hear()
    client.answer(one, again)
    assert client.line() == b"message 1: no answer, sent again"
    assert client.line() == b"message 1: answered"
    assert client.line() == b"message 1: answered late, try 2"
    assert client.end().stdout.endswith(summary(2, 1, 1, 0, 0, 0, 1))


def test_late_after_it_counts_as_lost_stays_lost(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "1", "--timeout", "0.01", "--tries", "1", "--linger", "1")
    one = client.hear()
    assert client.line() == b"message 1: lost"
    client.answer(one)
    assert client.line() == b"message 1: answered late, try 1"
    ending = client.end()
    assert ending.status == 1
    assert ending.stdout.endswith(summary(1, 1, 0, 1, 0, 0, 1))


@pytest.mark.parametrize(
    "wrong", [b"", b"message 1 try ", b"message 1 try 1 ", b"message 1 try 2", b"message 2 try 1"]
)
def test_what_was_not_sent_is_no_answer(peer: socket.socket, wrong: bytes) -> None:
    client = Client(peer, "--messages", "1", "--timeout", "30")
    right = client.hear()
    client.answer(wrong, right)
    assert client.line() == b"%d bytes that answer nothing" % len(wrong)
    assert client.line() == b"message 1: answered"
    assert client.end().status == 0


def test_it_hears_its_peer_only(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "1", "--timeout", "30")
    right = client.hear()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(right, client.address)
    client.answer(right)
    assert client.end().stdout.endswith(summary(1, 1, 1, 0, 0, 0, 0))


def test_never_more_at_once_than_told(peer: socket.socket) -> None:
    client = Client(peer, "--messages", "4", "--at-once", "2", "--timeout", "30")
    first, second = client.hear(), client.hear()
    peer.setblocking(False)
    with pytest.raises(BlockingIOError):
        peer.recv(100)
    peer.settimeout(DEADLINE)
    client.answer(first)
    assert client.hear() == b"message 3 try 1"
    client.answer(second, b"message 3 try 1")
    client.answer(client.hear())
    assert client.end().status == 0


def test_the_naive_one_believes_whatever_comes(peer: socket.socket) -> None:
    client = Client(peer, "--naive", "--messages", "3")
    one, two = client.hear(), client.hear()
    client.answer(two, two, one)
    ending = client.end()
    said = b"udp-echo-client: the answer to message %d is: %b\n"
    assert ending == (0, said % (1, two) + said % (2, two) + said % (3, one), b"")


def test_the_naive_one_waits_for_what_is_lost_for_ever(peer: socket.socket) -> None:
    client = Client(peer, "--naive", "--messages", "2")
    client.answer(client.hear())
    client.line()
    assert client.hear() == b"message 2 try 1"
    peer.settimeout(0.2)  # it never sends again
    with pytest.raises(TimeoutError):
        client.hear()
    assert client.program.process.poll() is None
    client.program.process.kill()
    client.end()


def test_the_naive_one_learns_that_nobody_listens() -> None:
    args = ["--naive", "--messages", "1", "127.0.0.1"]
    ending = run("udp-echo-client", "--port", str(free_port()), *args)
    assert ending == (1, b"", b"udp-echo-client: recv: Connection refused\n")


def test_no_socket_and_nothing_to_count() -> None:
    prelude = failing("__init__", errno.EAFNOSUPPORT)
    ending = run("udp-echo-client", "127.0.0.1", prelude=prelude)
    told = b"udp-echo-client: socket: Address family not supported by protocol\n"
    assert ending == (2, b"", told + b"udp-echo-client: failed to create socket\n")
    for name in ("--messages", "--tries", "--at-once"):
        wrong = f"{name} takes at least 1 (--help says more)\nusage: udp-echo-client HOSTNAME\n"
        assert run("udp-echo-client", name, "0", "127.0.0.1") == (1, b"", wrong.encode())


def test_the_next_address_is_tried(peer: socket.socket) -> None:
    port = str(peer.getsockname()[1])
    prelude = resolving(twofold=["::1", "127.0.0.1"]) + (
        "def connect(self, address, real=socket.socket.connect):\n"
        "    if address[0] == '::1': raise OSError(101, 'injected')\n"
        "    return real(self, address)\n"
        "socket.socket.connect = connect\n"
    )
    args = ["--messages", "1", "--timeout", "0", "--tries", "1", "twofold"]
    ending = run("udp-echo-client", "--port", port, *args, prelude=prelude)
    assert ending.stderr == b"udp-echo-client: connect: Network is unreachable\n"
    assert peer.recv(100) == b"message 1 try 1"
