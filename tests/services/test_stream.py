"""stream-server and stream-client."""

from __future__ import annotations

import errno
import signal
import socket

import pytest

from .running import (
    DEADLINE,
    LISTENING,
    TIME_WAIT,
    Program,
    accept,
    bound,
    children,
    failing,
    free_port,
    listening,
    process_state,
    receive,
    resolving,
    run,
    until,
)

GREETING = b"Hello, world!"
WAITING = b"server: waiting for connections...\n"


def serving(*args: str, port: int) -> Program:
    program = Program("stream-server", "--port", str(port), *args)
    assert program.line() == WAITING
    return program


def greeted(port: int, host: str = "127.0.0.1") -> bytes:
    with socket.create_connection((host, port), DEADLINE) as connection:
        return receive(connection, 100)


# -- the server ------------------------------------------------------------------------------


def test_greets_every_client_and_goes_on() -> None:
    port = free_port()
    with serving(port=port) as server:
        for _ in range(3):
            assert greeted(port) == GREETING
            assert server.line() == b"server: got connection from 127.0.0.1\n"
        ending = server.stop()
    assert ending == (
        -signal.SIGTERM,
        WAITING + 3 * b"server: got connection from 127.0.0.1\n",
        b"",
    )


def test_family_any_takes_ipv4_only() -> None:
    port = free_port()
    with serving(port=port):
        assert bound("tcp", port, LISTENING)
        assert not bound("tcp6", port)
        with pytest.raises(ConnectionRefusedError):
            greeted(port, "::1")


def test_family_ipv6_serves_both() -> None:
    port = free_port()
    with serving("--family", "ipv6", port=port) as server:
        assert bound("tcp6", port, LISTENING)
        assert greeted(port, "::1") == GREETING
        assert server.line() == b"server: got connection from ::1\n"
        assert greeted(port) == GREETING
        assert server.line() == b"server: got connection from ::ffff:127.0.0.1\n"


def test_many_at_once_leave_no_zombie() -> None:
    port = free_port()
    with serving(port=port) as server:
        clients = [socket.create_connection(("127.0.0.1", port), DEADLINE) for _ in range(10)]
        for client in clients:
            assert receive(client, 100) == GREETING
            client.close()
        until("no child left, zombies included", lambda: not children(server.pid))
        assert greeted(port) == GREETING


def test_a_storm_of_sigchld_does_not_end_it() -> None:
    port = free_port()
    with serving(port=port) as server:
        for _ in range(200):
            server.signal(signal.SIGCHLD)
        assert greeted(port) == GREETING
        assert server.process.poll() is None


def test_stopped_and_continued_it_goes_on() -> None:
    port = free_port()
    with serving(port=port) as server:
        server.signal(signal.SIGSTOP)
        until("stopped", lambda: server.state() == "T")
        waiting = socket.create_connection(("127.0.0.1", port), DEADLINE)
        server.signal(signal.SIGCONT)
        with waiting:
            assert receive(waiting, 100) == GREETING


def test_a_client_gone_at_once_harms_nobody() -> None:
    port = free_port()
    with serving(port=port) as server:
        rude = socket.create_connection(("127.0.0.1", port), DEADLINE)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.close()  # with a reset
        assert greeted(port) == GREETING
        assert server.process.poll() is None


def test_the_child_serves_while_the_parent_accepts() -> None:
    """A process of its own per connection: the child is there, and it is not the parent."""
    port = free_port()
    held = (
        "import os, socket\n"
        "def hold(self, data, *flags):\n"
        "    os.read(0, 1)\n"
        "    return real(self, data, *flags)\n"
        "real, socket.socket.send = socket.socket.send, hold\n"
    )
    with Program("stream-server", "--port", str(port), prelude=held) as server:
        assert server.line() == WAITING
        clients = [socket.create_connection(("127.0.0.1", port), DEADLINE) for _ in range(2)]
        for _ in clients:
            server.line()
        until("two children", lambda: len(children(server.pid)) == 2)
        assert {process_state(child) for child in children(server.pid)} <= {"S", "R"}
        server.say(b"go")
        for client in clients:
            with client:
                assert receive(client, 100) == GREETING


def test_address_in_use_is_reported_per_candidate() -> None:
    port = free_port()
    with serving(port=port):
        ending = run("stream-server", "--port", str(port))
    in_use = b"server: bind: Address already in use\n"
    assert ending == (1, b"", 2 * in_use + b"server: failed to bind\n")


def test_restart_with_time_wait_needs_reuseaddr() -> None:
    port = free_port()
    with serving(port=port) as server:
        assert greeted(port) == GREETING
        server.stop()
    until("TIME_WAIT", lambda: bound("tcp", port, TIME_WAIT))
    refused = run("stream-server", "--port", str(port), "--no-reuseaddr", "--family", "ipv4")
    assert refused == (1, b"", b"server: bind: Address already in use\nserver: failed to bind\n")
    with serving(port=port):
        assert greeted(port) == GREETING


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ("setsockopt", b"setsockopt: No buffer space available\n"),
        ("listen", b"listen: No buffer space available\n"),
    ],
)
def test_server_calls_that_must_not_fail(call: str, complaint: bytes) -> None:
    ending = run("stream-server", "--port", str(free_port()), prelude=failing(call, errno.ENOBUFS))
    assert ending == (1, b"", complaint)


def test_no_socket_for_any_candidate() -> None:
    ending = run("stream-server", prelude=failing("__init__", errno.EAFNOSUPPORT))
    told = b"server: socket: Address family not supported by protocol\n"
    assert ending == (1, b"", 2 * told + b"server: failed to bind\n")


def test_accept_failing_once_does_not_end_it() -> None:
    port = free_port()
    once = (
        "import socket\n"
        "real = socket.socket.accept\n"
        "def first(self):\n"
        "    socket.socket.accept = real\n"
        "    raise OSError(103, 'injected')\n"
        "socket.socket.accept = first\n"
    )
    with Program("stream-server", "--port", str(port), prelude=once) as server:
        assert server.line() == WAITING
        assert server.complaint() == b"accept: Software caused connection abort\n"
        assert greeted(port) == GREETING


def test_fork_failing_does_not_end_it() -> None:
    port = free_port()
    once = (
        "import os\n"
        "real = os.fork\n"
        "def first():\n"
        "    os.fork = real\n"
        "    raise OSError(11, 'injected')\n"
        "os.fork = first\n"
    )
    with Program("stream-server", "--port", str(port), prelude=once) as server:
        assert server.line() == WAITING
        assert greeted(port) == b""
        assert server.complaint() == b"fork: Resource temporarily unavailable\n"
        assert greeted(port) == GREETING


# -- the client ------------------------------------------------------------------------------


def client_gets(data: bytes) -> tuple[int, bytes, bytes]:
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("stream-client", "--port", port, "127.0.0.1") as client:
            with accept(server) as connection:
                connection.sendall(data)
            return client.end()


@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        (GREETING, GREETING),
        (b"", b""),
        (b"\xff\xfe not UTF-8 \x80", b"\xff\xfe not UTF-8 \x80"),
        (b"up to\0here", b"up to"),
        (b"%s %d %n", b"%s %d %n"),
        (b"x" * 99, b"x" * 99),
        (b"x" * 100, b"x" * 99),
    ],
)
def test_client_prints_what_one_recv_gave(sent: bytes, printed: bytes) -> None:
    expected = b"client: connecting to 127.0.0.1\nclient: received '%b'\n" % printed
    assert client_gets(sent) == (0, expected, b"")


def test_client_and_server_together_over_ipv6() -> None:
    port = free_port()
    with serving("--family", "ipv6", port=port):
        ending = run("stream-client", "--port", str(port), "::1")
    assert ending == (0, b"client: connecting to ::1\nclient: received 'Hello, world!'\n", b"")


def test_nobody_listens() -> None:
    ending = run("stream-client", "--port", str(free_port()), "127.0.0.1")
    told = b"client: connect: Connection refused\nclient: failed to connect\n"
    assert ending == (2, b"", told)


def test_refused_by_the_first_address_it_tries_the_next() -> None:
    port = free_port()
    with serving(port=port):
        both = resolving(twofold=["::1", "127.0.0.1"])
        ending = run("stream-client", "--port", str(port), "twofold", prelude=both)
    printed = b"client: connecting to 127.0.0.1\nclient: received 'Hello, world!'\n"
    assert ending == (0, printed, b"client: connect: Connection refused\n")


def test_every_address_refused_is_told_each() -> None:
    both = resolving(twofold=["::1", "127.0.0.1"])
    ending = run("stream-client", "--port", str(free_port()), "twofold", prelude=both)
    refused = b"client: connect: Connection refused\n"
    assert ending == (2, b"", 2 * refused + b"client: failed to connect\n")


def test_no_socket_for_the_first_family_it_tries_the_next() -> None:
    port = free_port()
    no_ipv6 = (
        "import socket\n"
        "class Old(socket.socket):\n"
        "    def __init__(self, family=-1, *rest, **more):\n"
        "        if family == socket.AF_INET6: raise OSError(97, 'injected')\n"
        "        super().__init__(family, *rest, **more)\n"
        "socket.socket = Old\n"
    )
    both = resolving(twofold=["::1", "127.0.0.1"])
    with serving(port=port):
        ending = run("stream-client", "--port", str(port), "twofold", prelude=both + no_ipv6)
    assert ending.status == 0
    assert ending.stderr == b"client: socket: Address family not supported by protocol\n"


def test_reset_before_anything_came() -> None:
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("stream-client", "--port", port, "127.0.0.1") as client:
            connection = accept(server)
            assert client.line() == b"client: connecting to 127.0.0.1\n"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
            ending = client.end()
    assert ending.status == 1
    assert ending.stderr == b"recv: Connection reset by peer\n"
