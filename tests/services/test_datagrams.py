"""listener, talker and connected-talker."""

from __future__ import annotations

import errno
import signal
import socket

import pytest

from .running import DEADLINE, Ending, Program, bound, failing, free_port, resolving, run, until

WAITING = b"listener: waiting to recvfrom...\n"


def receiving(*args: str, port: int) -> Program:
    program = Program("listener", "--port", str(port), *args)
    assert program.line() == WAITING
    return program


def heard(data: bytes, address: bytes = b"::1") -> bytes:
    """What listener prints of a datagram, as C's printf prints it."""
    return WAITING + (
        b"listener: got packet from %b\nlistener: packet is %d bytes long\n"
        b'listener: packet contains "%b"\n' % (address, len(data), data.partition(b"\0")[0])
    )


# -- listener --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"hello", b"", b"\xff\xfe\x80", b"one\0two", b"\0", b"%s%n", b"two\nlines\r\n", b"x" * 99],
)
def test_listener_prints_one_datagram_and_ends(data: bytes) -> None:
    port = free_port()
    with receiving(port=port) as listener:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            sender.sendto(data, ("::1", port))
        assert listener.end() == (0, heard(data), b"")


@pytest.mark.parametrize("length", [100, 4000])
def test_longer_than_the_buffer_is_cut(length: int) -> None:
    port = free_port()
    with receiving(port=port) as listener:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x" * length, ("::1", port))
        assert listener.end() == (0, heard(b"x" * 99), b"")


def test_listener_is_bound_in_its_family() -> None:
    port = free_port()
    with receiving(port=port):
        assert bound("udp6", port)
        assert not bound("udp", port)
    with receiving("--family", "any", port=port):
        assert bound("udp", port)
        assert not bound("udp6", port)


def test_an_ipv4_sender_shows_as_a_mapped_address() -> None:
    port = free_port()
    with receiving(port=port) as listener:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hi", ("127.0.0.1", port))
        assert listener.end() == (0, heard(b"hi", b"::ffff:127.0.0.1"), b"")


def test_second_listener_on_one_port() -> None:
    port = free_port()
    with receiving(port=port):
        ending = run("listener", "--port", str(port))
    told = b"listener: bind: Address already in use\nlistener: failed to bind socket\n"
    assert ending == (2, b"", told)


def test_listener_without_sockets_or_data() -> None:
    ending = run("listener", prelude=failing("__init__", errno.EAFNOSUPPORT))
    told = b"listener: socket: Address family not supported by protocol\n"
    assert ending == (2, b"", told + b"listener: failed to bind socket\n")
    ending = run("listener", "--port", str(free_port()), prelude=failing("recvfrom", errno.ENOMEM))
    assert ending == (1, WAITING, b"recvfrom: Cannot allocate memory\n")


def test_stopped_and_continued_it_still_waits() -> None:
    port = free_port()
    with receiving(port=port) as listener:
        listener.signal(signal.SIGSTOP)
        until("stopped", lambda: listener.state() == "T")
        listener.signal(signal.SIGCONT)
        assert run("talker", "--port", str(port), "::1", "on").status == 0
        assert listener.end() == (0, heard(b"on"), b"")


# -- talker ----------------------------------------------------------------------------------


@pytest.fixture
def hearer() -> socket.socket:
    """A datagram socket of the test's own on ::1."""
    hearer = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    hearer.settimeout(DEADLINE)
    hearer.bind(("::1", 0))
    return hearer


@pytest.mark.parametrize(
    "message",
    [b"hello over IPv6", b"", b"\xff\x80", b"a\nb\n", b"x" * 5000, b"--help", b"-", b"--"],
)
def test_talker_sends_the_message_as_given(hearer: socket.socket, message: bytes) -> None:
    with hearer:
        ending = run("talker", "--port", str(hearer.getsockname()[1]), "::1", message)
        assert ending == (0, b"talker: sent %d bytes to ::1\n" % len(message), b"")
        assert hearer.recv(65536) == message


def test_talker_does_not_care_who_listens() -> None:
    ending = run("talker", "--port", str(free_port()), "::1", "anybody?")
    assert ending == (0, b"talker: sent 8 bytes to ::1\n", b"")


def test_talker_says_the_hostname_as_given(hearer: socket.socket) -> None:
    with hearer:
        ending = run(
            "talker",
            "--port",
            str(hearer.getsockname()[1]),
            "six",
            "hi",
            prelude=resolving(six=["::1"]),
        )
    assert ending == (0, b"talker: sent 2 bytes to six\n", b"")


def test_talker_cannot_send() -> None:
    ending = run("talker", "::1", "x" * 70000)
    assert ending == (1, b"", b"talker: sendto: Message too long\n")


@pytest.mark.parametrize("name", ["talker", "connected-talker"])
def test_no_socket_at_all(name: str) -> None:
    prelude = failing("__init__", errno.EAFNOSUPPORT)
    ending = run(name, "::1", "hi", prelude=prelude)
    told = f"{name}: socket: Address family not supported by protocol\n"
    assert ending == (2, b"", (told + f"{name}: failed to create socket\n").encode())


def test_an_ipv4_host_is_no_ipv6_host() -> None:
    ending = run("talker", "127.0.0.1", "hi")
    told = b"getaddrinfo: Address family for hostname not supported\n"
    assert ending == (1, b"", told)


def test_family_mismatch_is_told_to_nobody() -> None:
    port = free_port()
    with receiving("--family", "ipv4", port=port) as listener:
        ending = run("talker", "--port", str(port), "::1", "lost")
        assert ending == (0, b"talker: sent 4 bytes to ::1\n", b"")
        assert run("talker", "--port", str(port), "--family", "ipv4", "127.0.0.1", "here")[0] == 0
        assert listener.end() == (0, heard(b"here", b"127.0.0.1"), b"")


def test_talker_and_listener_together() -> None:
    port = free_port()
    with receiving(port=port) as listener:
        ending = run("talker", "--port", str(port), "::1", "hello over IPv6")
        assert ending == (0, b"talker: sent 15 bytes to ::1\n", b"")
        assert listener.end() == (0, heard(b"hello over IPv6"), b"")


# -- connected-talker ------------------------------------------------------------------------


def connected(hearer: socket.socket, *args: str) -> Program:
    return Program("connected-talker", "--port", str(hearer.getsockname()[1]), *args)


@pytest.mark.parametrize("answer", [b"yes", b"", b"\xff\0rest", b"x" * 300])
def test_connected_talker_prints_the_answer(hearer: socket.socket, answer: bytes) -> None:
    with hearer, connected(hearer, "--wait", "30", "::1", "well?") as talker:
        question, sender = hearer.recvfrom(100)
        hearer.sendto(answer, sender)
        ending = talker.end()
    assert question == b"well?"
    printed = answer[:99].partition(b"\0")[0]
    said = b'connected-talker: sent 5 bytes to ::1\nconnected-talker: received "%b"\n' % printed
    assert ending == (0, said, b"")


def test_connected_talker_hears_its_peer_only(hearer: socket.socket) -> None:
    with hearer, connected(hearer, "--wait", "30", "::1", "well?") as talker:
        _, sender = hearer.recvfrom(100)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"me!", sender)
        hearer.sendto(b"you", sender)
        assert talker.end().stdout.endswith(b'received "you"\n')


def test_connected_talker_gives_up(hearer: socket.socket) -> None:
    with hearer, connected(hearer, "::1", "well?", "--wait=0.05") as talker:
        ending = talker.end()
    said = b"connected-talker: sent 5 bytes to ::1\nconnected-talker: no answer\n"
    assert ending == (0, said, b"")


def test_connected_talker_learns_that_nobody_listens() -> None:
    ending = run("connected-talker", "--port", str(free_port()), "--wait", "30", "::1", "well?")
    said = b"connected-talker: sent 5 bytes to ::1\n"
    assert ending == (1, said, b"connected-talker: recv: Connection refused\n")


def test_connected_talker_tries_the_next_address(hearer: socket.socket) -> None:
    prelude = resolving(twofold=["2001:db8::1", "::1"]) + (
        "def connect(self, address, real=socket.socket.connect):\n"
        "    if address[0] != '::1': raise OSError(101, 'injected')\n"
        "    return real(self, address)\n"
        "socket.socket.connect = connect\n"
    )
    with hearer:
        port = str(hearer.getsockname()[1])
        ending = run(
            "connected-talker", "--port", port, "--wait", "0", "twofold", "x", prelude=prelude
        )
        assert hearer.recv(10) == b"x"
    said = b"connected-talker: sent 1 bytes to twofold\nconnected-talker: no answer\n"
    assert ending == (0, said, b"connected-talker: connect: Network is unreachable\n")


def test_connected_talker_cannot_connect_or_send() -> None:
    prelude = failing("connect", errno.ENETUNREACH)
    told = b"connected-talker: connect: Network is unreachable\n"
    ending = run("connected-talker", "::1", "x", prelude=prelude)
    assert ending == Ending(2, b"", told + b"connected-talker: failed to create socket\n")
    ending = run("connected-talker", "::1", "x" * 70000)
    assert ending == (1, b"", b"connected-talker: send: Message too long\n")
