"""load-client: what it counts is so, whatever the server does; and ten thousand connections."""

from __future__ import annotations

import errno
import re
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from .running import (
    DEADLINE,
    Ending,
    Program,
    accept,
    failing,
    free_port,
    listening,
    resolving,
    run,
)

SERVERS = ["echoserver-threads", "echoserver-poll", "echoserver-epoll"]
LATENCY = rb"load-client: latency p50 \d+\.\d{3} p90 \d+\.\d{3} p99 \d+\.\d{3} max \d+\.\d{3} ms\n"


def told(connected: int, echoed: int, lost: int) -> re.Pattern[bytes]:
    """What it prints, holding apart."""
    return re.compile(
        rb"load-client: connected %d\nload-client: repeated \d+ SYNs\n"
        rb"load-client: echoed %d\nload-client: lost %d\n" % (connected, echoed, lost) + LATENCY
    )


def serving(name: str, port: int) -> Program:
    server = Program(name, "--port", str(port))
    assert b"listening" in server.line()
    return server


class Wrong:
    """A server of the test's own, one thread per connection, each doing the same wrong thing."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self.over = threading.Event()  # set when the client has ended
        self._listener = listening()
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            connection = accept(self._listener)
            if not connection.recv(1, socket.MSG_PEEK):
                connection.close()
                return
            self._threads.append(threading.Thread(target=self._one, args=(connection,)))
            self._threads[-1].start()

    def _one(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):  # a client that saw the wrong hangs up
            self._serve(connection)

    def load(self, *args: str) -> Ending:
        """Run load-client against it, 2 connections."""
        ending = run("load-client", "--connections", "2", *args, "127.0.0.1", str(self.port))
        self.over.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # the end
        for thread in self._threads:
            thread.join()
        self._listener.close()
        return ending


def complaint(what: str, connections: int = 2) -> bytes:
    return f"load-client: {what} ({connections} of 2 connections)\n".encode()


# -- right servers ---------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", ["1", "7", "0"])
@pytest.mark.parametrize("name", SERVERS)
def test_everything_comes_back(name: str, at_once: str) -> None:
    port = free_port()
    with serving(name, port) as server:
        args = ["--connections", "50", "--messages", "4", "--at-once", at_once]
        ending = run("load-client", *args, "127.0.0.1", str(port))
        assert told(50, 200, 0).fullmatch(ending.stdout)
        assert (ending.status, ending.stderr) == (0, b"")
        summary = server.stop().stdout.splitlines()[-1].decode()
    assert summary == f"{name}: served 50 clients, 50 at the same time, " + (
        f"echoed {200 * 32} bytes, turned 0 away"
    )


@pytest.mark.parametrize("size", ["1", "2", "4096", "4097", "3000000"])
def test_any_size(size: str) -> None:
    port = free_port()
    with serving("echoserver-epoll", port):
        args = ["--connections", "3", "--messages", "2", "--size", size]
        ending = run("load-client", *args, "127.0.0.1", str(port))
    assert told(3, 6, 0).fullmatch(ending.stdout)
    assert ending.status == 0


def test_no_messages_only_connections() -> None:
    port = free_port()
    with serving("echoserver-epoll", port):
        args = ["--connections", "3", "--messages", "0"]
        ending = run("load-client", *args, "127.0.0.1", str(port))
    assert told(3, 0, 0).fullmatch(ending.stdout)
    assert b"latency p50 0.000 p90 0.000 p99 0.000 max 0.000 ms\n" in ending.stdout
    assert ending.status == 0


@pytest.fixture
def held() -> Iterator[tuple[Program, Program]]:
    """A client that holds 20 connections, and the server of them."""
    port = free_port()
    server = serving("echoserver-epoll", port)
    args = ["--connections", "20", "--hold", "127.0.0.1", str(port)]
    with server, Program("load-client", *args) as client:
        while (line := client.line()) != b"load-client: holding 20 until standard input ends\n":
            assert line
        yield client, server


def test_held_until_standard_input_ends(held: tuple[Program, Program]) -> None:
    client, server = held
    client.say(b"this is not the end\n")
    client.close_input()
    ending = client.end()
    assert ending.stdout.endswith(b"load-client: held 20\n")
    assert (ending.status, ending.stderr) == (0, b"")
    assert b"served 20 clients, 20 at the same time" in server.stop().stdout


def test_a_server_that_ends_while_they_are_held(held: tuple[Program, Program]) -> None:
    client, server = held
    server.stop()
    client.close_input()
    ending = client.end()
    assert ending.status == 1
    assert ending.stdout.endswith(b"load-client: held 0\n")
    assert ending.stderr == b"load-client: recv: closed by the server (20 of 20 connections)\n"


@pytest.mark.timeout(90)
def test_ten_thousand() -> None:
    """C10K: all at the same time, every byte of every echo."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 10100:
        pytest.skip(f"the hard limit on open descriptors is {hard}")
    port = free_port()
    with serving("echoserver-epoll", port) as server:
        args = ["--connections", "10000", "--messages", "2", "127.0.0.1", str(port)]
        ending = run("load-client", *args)
        assert ending.stderr == b""
        assert told(10000, 20000, 0).fullmatch(ending.stdout)
        assert ending.status == 0
        summary = server.stop().stdout.splitlines()[-1]
    assert summary == (
        b"echoserver-epoll: served 10000 clients, 10000 at the same time, "
        b"echoed 640000 bytes, turned 0 away"
    )


# -- wrong servers ---------------------------------------------------------------------------


def test_the_last_byte_is_wrong() -> None:
    def wrong(connection: socket.socket) -> None:
        data = connection.recv(100)
        connection.sendall(data[:-1] + b"!")
        connection.recv(1)

    ending = Wrong(wrong).load()
    assert told(2, 0, 2).fullmatch(ending.stdout)
    assert ending.stderr == complaint("the echo differs from what was said")
    assert ending.status == 1


def test_the_last_byte_is_missing() -> None:
    def wrong(connection: socket.socket) -> None:
        connection.sendall(connection.recv(100)[:-1])
        connection.recv(1)

    ending = Wrong(wrong).load("--timeout", "0.5")
    assert told(2, 0, 2).fullmatch(ending.stdout)
    assert ending.stderr.startswith(complaint("no echo in time"))
    assert ending.status == 1


def test_it_hangs_up_before_all_is_echoed() -> None:
    def wrong(connection: socket.socket) -> None:
        connection.sendall(connection.recv(100))

    ending = Wrong(wrong).load("--messages", "3")
    assert told(2, 2, 4).fullmatch(ending.stdout)
    assert ending.status == 1
    assert b"of 2 connections)\n" in ending.stderr


@pytest.mark.parametrize("messages", ["1", "2"])
def test_it_echoes_twice(messages: str) -> None:
    def wrong(connection: socket.socket) -> None:
        while data := connection.recv(100):
            connection.sendall(data)
            connection.sendall(data)

    ending = Wrong(wrong).load("--messages", messages)
    assert ending.status == 1
    assert b"more came back than was said" in ending.stderr or b"differs" in ending.stderr


def test_it_mixes_up_its_clients() -> None:
    both = threading.Barrier(2, timeout=DEADLINE)
    said: dict[int, bytes] = {}

    def wrong(connection: socket.socket) -> None:
        said[connection.fileno()] = connection.recv(100)
        both.wait()
        [other] = [data for number, data in said.items() if number != connection.fileno()]
        connection.sendall(other)
        connection.recv(1)

    ending = Wrong(wrong).load()
    assert ending.stderr == complaint("the echo differs from what was said")
    assert ending.status == 1


def test_it_forgets_to_hang_up() -> None:
    def wrong(connection: socket.socket) -> None:
        connection.sendall(connection.recv(100))
        server.over.wait(DEADLINE)

    server = Wrong(wrong)
    ending = server.load("--timeout", "0.5")
    assert told(2, 2, 0).fullmatch(ending.stdout)
    assert ending.stderr == complaint("the server did not hang up in time")
    assert ending.status == 1


def test_nobody_accepts() -> None:
    """The kernel completes as many connections as the backlog holds; none is ever answered."""
    with socket.socket() as lazy:
        lazy.bind(("127.0.0.1", 0))
        lazy.listen(1)
        args = ["--connections", "10", "--timeout", "0.5", "127.0.0.1"]
        ending = run("load-client", *args, str(lazy.getsockname()[1]))
    connected = re.search(rb"connected (\d+)\n", ending.stdout)
    assert connected
    assert 1 <= int(connected[1]) < 10
    assert b"connect: no answer in time" in ending.stderr
    assert told(int(connected[1]), 0, 10).fullmatch(ending.stdout)
    assert ending.status == 1


# -- no connections --------------------------------------------------------------------------


def test_nobody_listens() -> None:
    ending = run("load-client", "127.0.0.1", str(free_port()))
    said = b"load-client: connect: Connection refused\nload-client: failed to connect\n"
    assert ending == (2, b"", said)


def test_the_next_address_is_tried() -> None:
    port = free_port()
    prelude = resolving(twofold=["::1", "127.0.0.1"])
    with serving("echoserver-epoll", port):
        ending = run("load-client", "twofold", str(port), prelude=prelude)
    assert ending.stderr == b"load-client: connect: Connection refused\n"
    assert told(100, 100, 0).fullmatch(ending.stdout)


def test_no_port_is_left() -> None:
    """Of one peer's address there are about 28,000, fewer while old ones are in TIME_WAIT."""
    exhausted = (
        "import socket\n"
        "made = []\n"
        "def connect(self, address, real=socket.socket.connect):\n"
        "    made.append(self)\n"
        f"    if len(made) > 5: raise OSError({errno.EADDRNOTAVAIL}, 'injected')\n"
        "    return real(self, address)\n"
        "socket.socket.connect = connect\n"
    )
    port = free_port()
    with serving("echoserver-epoll", port):
        args = ["--connections", "8", "127.0.0.1", str(port)]
        ending = run("load-client", *args, prelude=exhausted)
    assert told(5, 5, 3).fullmatch(ending.stdout)
    said = b"load-client: connect: Cannot assign requested address (3 of 8 connections)\n"
    assert (ending.status, ending.stderr) == (1, said)


def test_more_connections_than_descriptors() -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 100))

    ending = run("load-client", "--connections", "85", "127.0.0.1", "9", preexec_fn=few)
    said = b"load-client: this takes 101 descriptors, the hard limit is 100 "
    said += b"(ulimit -Hn shows it, root may raise it)\n"
    assert ending == (1, b"", said)
    port = free_port()
    with serving("echoserver-epoll", port):
        args = ["--connections", "84", "127.0.0.1", str(port)]
        assert run("load-client", *args, preexec_fn=few).status == 0


def test_no_socket_at_all() -> None:
    ending = run("load-client", "127.0.0.1", "9", prelude=failing("__init__", errno.ENOMEM))
    said = b"load-client: socket: Cannot allocate memory\nload-client: failed to connect\n"
    assert ending == (2, b"", said)


@pytest.mark.parametrize("name", ["--connections", "--size"])
def test_nothing_is_no_number_of(name: str) -> None:
    ending = run("load-client", name, "0", "127.0.0.1", "9")
    said = f"{name} takes at least 1 (--help says more)\n"
    said += "usage: load-client [--connections N] HOSTNAME PORT\n"
    assert ending == (1, b"", said.encode())
