"""The echo servers for many clients: threads, poll and epoll are held to the same."""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from .running import (
    DEADLINE,
    TIME_WAIT,
    Program,
    bound,
    free_port,
    receive,
    run,
    until,
)

SERVERS = ["echoserver-threads", "echoserver-poll", "echoserver-epoll"]


class Echoes:
    """A server and its port."""

    def __init__(self, name: str, *args: str, **popen: Any) -> None:
        self.name = name
        self.port = free_port()
        self.server = Program(name, "--port", str(self.port), *args, **popen)
        address = "::" if "ipv6" in args else "0.0.0.0"
        told = f"{name}: listening on {address} port {self.port}\n"
        assert self.server.line() == told.encode()

    def connect(self, host: str = "127.0.0.1", buffer: int = 0) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        client = socket.socket(family)
        client.settimeout(DEADLINE)
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect((host, self.port))
        return client

    def summary(self, clients: int, most: int, echoed: int, away: int = 0) -> bytes:
        """What it says in the end."""
        self.server.signal(signal.SIGTERM)
        ending = self.server.end()
        assert ending.status == 0
        told = ending.stdout.splitlines(keepends=True)[-1]
        assert told == (
            b"%b: served %d clients, %d at the same time, echoed %d bytes, turned %d away\n"
            % (self.name.encode(), clients, most, echoed, away)
        )
        return ending.stderr


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the three."""
    return str(request.param)


@pytest.fixture
def echoes(name: str) -> Iterator[Echoes]:
    """One of them, listening."""
    echoes = Echoes(name)
    with echoes.server:
        yield echoes


SMALL_BUFFERS = (
    "import socket\n"
    "def accept(self, real=socket.socket.accept):\n"
    "    connection, peer = real(self)\n"
    "    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)\n"
    "    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)\n"
    "    return connection, peer\n"
    "socket.socket.accept = accept\n"
)


def say(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return receive(client, len(data))


def test_each_gets_its_own_words_back(echoes: Echoes) -> None:
    clients = [echoes.connect() for _ in range(20)]
    for number, client in enumerate(clients):
        client.sendall(b"%03d" % number)
    for number, client in reversed([*enumerate(clients)]):
        assert receive(client, 3) == b"%03d" % number
    for client in clients:
        client.close()
    assert echoes.summary(20, 20, 60) == b""


def test_one_after_another_is_one_at_the_same_time(echoes: Echoes) -> None:
    for _ in range(3):
        with echoes.connect() as client:
            assert say(client, b"\xff\0\n") == b"\xff\0\n"
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""
    assert echoes.summary(3, 1, 9) == b""


def test_half_closed_it_still_gets_all_of_its_echo(echoes: Echoes) -> None:
    with echoes.connect() as client:
        client.sendall(b"x" * 100000)
        client.shutdown(socket.SHUT_WR)
        assert receive(client, 200000) == b"x" * 100000


def test_megabytes_through_a_small_window(echoes: Echoes) -> None:
    data = bytes(range(256)) * 8192
    with echoes.connect(buffer=2048) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        assert receive(client, len(data)) == data
        sender.join()
    echoes.summary(1, 1, len(data))


def test_who_does_not_read_holds_up_nobody_and_is_not_read_from(name: str) -> None:
    """It says more and more, until nobody takes it any more: the server keeps nothing for it."""
    echoes = Echoes(name, prelude=SMALL_BUFFERS)
    with echoes.server, echoes.connect(buffer=65536) as rude, echoes.connect() as other:
        rude.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while True:
                sent += rude.send(b"x" * 65536)
        assert say(other, b"and me?") == b"and me?"
        rude.settimeout(DEADLINE)
        rude.shutdown(socket.SHUT_WR)
        assert receive(rude, sent + 1) == b"x" * sent


def test_a_reset_is_somebody_gone(echoes: Echoes) -> None:
    with echoes.connect() as other:
        rude = echoes.connect()
        assert say(rude, b"hi") == b"hi"
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.close()
        assert say(other, b"still") == b"still"
    assert echoes.summary(2, 2, 7) == b""


def test_sigterm_ends_it_in_the_middle_of_everything(echoes: Echoes) -> None:
    clients = [echoes.connect() for _ in range(3)]
    assert [say(client, b"a") for client in clients] == [b"a"] * 3
    assert echoes.summary(3, 3, 3) == b""
    for client in clients:
        with client:
            assert client.recv(1) == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_end_it_without_a_word(echoes: Echoes, number: signal.Signals) -> None:
    echoes.server.signal(number)
    ending = echoes.server.end()
    assert (ending.status, ending.stderr) == (-number, b"")


def test_out_of_descriptors_it_goes_on_and_takes_the_next_when_one_leaves(name: str) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))

    echoes = Echoes(name, preexec_fn=few)
    with echoes.server:
        inside = []
        with contextlib.suppress(TimeoutError):
            while True:
                client = echoes.connect()
                client.settimeout(0.3)
                inside.append(client)
                assert say(client, b"in") == b"in"
        late = inside.pop()
        told = echoes.server.complaint()
        assert told.startswith(b"accept: Too many open files\n")
        assert say(inside[0], b"still") == b"still"
        inside.pop().close()
        late.settimeout(DEADLINE)
        assert receive(late, 2) == b"in"
        for client in [late, *inside]:
            client.close()
        missing = f"{name}: the hard limit of 12 open descriptors is reached; who comes now waits"
        assert missing.encode() in echoes.server.stop().stderr


def test_the_soft_limit_is_raised(name: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def soft() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, hard))

    echoes = Echoes(name, preexec_fn=soft)
    with echoes.server:
        assert resource.prlimit(echoes.server.pid, resource.RLIMIT_NOFILE) == (hard, hard)
        clients = [echoes.connect() for _ in range(30)]
        assert [say(client, b"a") for client in clients] == [b"a"] * 30
        for client in clients:
            client.close()


def test_no_thread_to_be_had() -> None:
    prelude = (
        "import threading\n"
        "def start(self, real=threading.Thread.start):\n"
        "    if self._target.__name__ == '_echo': raise RuntimeError('injected')\n"
        "    real(self)\n"
        "threading.Thread.start = start\n"
    )
    echoes = Echoes("echoserver-threads", prelude=prelude)
    with echoes.server:
        for _ in range(2):
            with echoes.connect() as client:
                assert client.recv(1) == b""
        told = b"pthread_create: Resource temporarily unavailable\n"
        assert echoes.summary(2, 1, 0, away=2) == told


def test_family_address_in_use_and_restart(name: str) -> None:
    echoes = Echoes(name, "--family", "ipv6")
    with echoes.server:
        with echoes.connect("::1") as client:
            assert say(client, b"six") == b"six"
            ending = run(name, "--port", str(echoes.port), "--family", "ipv6")
            assert ending == (1, b"", b"bind: Address already in use\n")
            echoes.summary(1, 1, 3)
            assert client.recv(1) == b""
        until("TIME_WAIT", lambda: bound("tcp6", echoes.port, TIME_WAIT))
        args = ["--port", str(echoes.port), "--family", "ipv6"]
        assert run(name, "--no-reuseaddr", *args).stderr == b"bind: Address already in use\n"
        with Program(name, *args) as again:
            assert b"listening" in again.line()
