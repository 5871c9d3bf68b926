"""What every program shares with a C program as a process: signals, closed streams, odd locales."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

import pytest

from .running import Program, bound, free_port, listening, run, script, until

SERVERS = {
    "stream-server": ["--port", "PORT"],
    "listener": ["--port", "PORT", "--family", "ipv4"],
    "simplestreamserver": ["--port", "PORT"],
    "multichatserver": ["PORT", "5"],
    "chatserver-epoll": ["PORT", "5"],
    "chatserver-threads": ["PORT", "5"],
    "udp-echo-server": ["--port", "PORT", "--family", "ipv4"],
}


def ready(name: str, port: int) -> Program:
    """A server whose port is bound."""
    args = [str(port) if arg == "PORT" else arg for arg in SERVERS[name]]
    program = Program(name, *args)
    table = "udp" if name in ("listener", "udp-echo-server") else "tcp"
    until("bound", lambda: bound(table, port, None if table == "udp" else "0A"))
    program.line()
    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("name", SERVERS)
def test_servers_die_of_signals_without_a_word(name: str, number: signal.Signals) -> None:
    with ready(name, free_port()) as program:
        program.signal(number)
        ending = program.end()
    assert (ending.status, ending.stderr) == (-number, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_clients_die_of_signals_without_a_word(number: signal.Signals) -> None:
    with listening() as server:
        host, port = server.getsockname()
        waiting = {
            "stream-client": [host, "--port", str(port)],
            "simplestreamclient": [host, str(port)],
        }
        for name, args in waiting.items():
            with Program(name, *args) as program:
                program.line()
                program.signal(number)
                ending = program.end()
            assert (ending.status, ending.stderr) == (-number, b"")


def test_an_ignored_signal_stays_ignored() -> None:
    """As for a program a shell started in the background."""

    def ignoring() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    port = free_port()
    with Program("stream-server", "--port", str(port), preexec_fn=ignoring) as server:
        server.line()
        server.signal(signal.SIGINT)
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.recv(5) == b"Hello"


@pytest.mark.parametrize(
    "name",
    ["stream-server", "listener", "simplestreamserver", "udp-echo-server", "echoserver-threads"],
)
def test_nobody_reads_its_output(name: str) -> None:
    """A pipe whose reader is gone ends a program by SIGPIPE, silently, as it ends a C program."""
    reader, writer = os.pipe()
    os.close(reader)
    with Program(name, "--port", str(free_port()), stdout=writer) as program:
        os.close(writer)
        ending = program.end()
    assert (ending.status, ending.stderr) == (-signal.SIGPIPE, b"")


def test_output_to_a_full_device_is_lost_without_a_word() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        ending = run("talker", "--port", str(free_port()), "::1", "hi", stdout=full)
    assert (ending.status, ending.stderr) == (0, b"")


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_started_without_streams_it_never_writes_into_its_socket(streams: str) -> None:
    """The first socket then takes the number of the missing stream."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as hearer:
        hearer.bind(("::1", 0))
        hearer.setblocking(False)
        port = str(hearer.getsockname()[1])
        command = f'exec "$@" {streams}'
        talker = [str(script("connected-talker")), "--port", port, "--wait", "0", "::1", "hi"]
        done = subprocess.run(
            ["sh", "-c", command, "sh", "python3", *talker], check=False, capture_output=True
        )
        assert done.returncode == 0
        assert hearer.recv(100) == b"hi"
        with pytest.raises(BlockingIOError):
            hearer.recv(100)


def test_without_standard_input_there_is_no_message() -> None:
    with listening() as server:
        port = str(server.getsockname()[1])
        client = [str(script("simplestreamclient")), "127.0.0.1", port]
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", "python3", *client],
            check=False,
            capture_output=True,
        )
    assert done.returncode == 1
    assert done.stderr == b"simplestreamclient: no message on standard input\n"


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "no_SUCH.locale"])
def test_bytes_are_bytes_in_every_locale(locale: str) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as hearer:
        hearer.bind(("::1", 0))
        port = str(hearer.getsockname()[1])
        message = b"\xff\xfe b\xc3\xbccher \x80"
        environment = {**os.environ, "LC_ALL": locale}
        ending = run("talker", "--port", port, "::1", message, env=environment)
        assert ending == (0, b"talker: sent 12 bytes to ::1\n", b"")
        assert hearer.recv(100) == message


def test_the_echo_server_dies_of_sigpipe_like_c() -> None:
    """send() on a connection the peer has reset: no diagnostic, but the signal."""
    broken = (
        "import socket, os, signal\n"
        "def sendall(self, data):\n"
        "    a, b = socket.socketpair()\n"
        "    b.close()\n"
        "    real(a, data)\n"
        "real, socket.socket.sendall = socket.socket.sendall, sendall\n"
    )
    port = free_port()
    with Program("simplestreamserver", "--port", str(port), prelude=broken) as server:
        until("listening", lambda: bound("tcp", port, "0A"))
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"x")
            ending = server.end()
    assert (ending.status, ending.stderr) == (-signal.SIGPIPE, b"")
