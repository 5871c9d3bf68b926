"""Usage, options and names: what every program says of a command line it cannot follow."""

from __future__ import annotations

import pytest

from .running import free_port, run

ALL = [
    "stream-server",
    "stream-client",
    "listener",
    "talker",
    "connected-talker",
    "simplestreamserver",
    "simplestreamclient",
    "multichatserver",
    "chatserver-epoll",
    "chatserver-threads",
    "echoserver-epoll",
    "echoserver-poll",
    "echoserver-threads",
    "load-client",
    "udp-echo-server",
    "udp-echo-client",
    "unix-echo-stream-server",
    "unix-echo-stream-client",
    "unix-echo-datagram-server",
    "unix-echo-datagram-client",
]
USAGES = {
    "stream-server": "usage: stream-server",
    "stream-client": "usage: client hostname",
    "listener": "usage: listener",
    "talker": "usage: talker hostname message",
    "connected-talker": "usage: connected-talker hostname message",
    "simplestreamserver": "usage: simplestreamserver",
    "simplestreamclient": "usage: simplestreamclient HOSTNAME PORT",
    "echoserver-epoll": "usage: echoserver-epoll",
    "echoserver-poll": "usage: echoserver-poll",
    "echoserver-threads": "usage: echoserver-threads",
    "load-client": "usage: load-client [--connections N] HOSTNAME PORT",
    "udp-echo-server": "usage: udp-echo-server",
    "udp-echo-client": "usage: udp-echo-client HOSTNAME",
    "unix-echo-stream-server": "usage: unix-echo-stream-server PATH",
    "unix-echo-stream-client": "usage: unix-echo-stream-client PATH MESSAGE",
    "unix-echo-datagram-server": "usage: unix-echo-datagram-server PATH",
    "unix-echo-datagram-client": "usage: unix-echo-datagram-client PATH MESSAGE",
}


@pytest.mark.parametrize("name", USAGES)
def test_too_many_arguments(name: str) -> None:
    assert run(name, "a", "b", "c") == (1, b"", f"{USAGES[name]}\n".encode())


@pytest.mark.parametrize(
    ("name", "args"),
    [("stream-client", []), ("talker", ["a"]), ("connected-talker", []), ("talker", ["--", "a"])],
)
def test_too_few_arguments(name: str, args: list[str]) -> None:
    assert run(name, *args) == (1, b"", f"{USAGES[name]}\n".encode())


@pytest.mark.parametrize("name", ["stream-server", "listener", "simplestreamserver"])
def test_an_unknown_option(name: str) -> None:
    assert run(name, "--porf", "1") == (1, b"", f"{USAGES[name]}\n".encode())


@pytest.mark.parametrize(
    ("name", "args", "reason"),
    [
        ("stream-server", ["--family", "ipx"], "--family takes any, ipv4 or ipv6, not 'ipx'"),
        (
            "stream-server",
            ["--port", "65536"],
            "--port takes a number from 0 to 65535, not '65536'",
        ),
        ("listener", ["--port=-1"], "--port takes a number from 0 to 65535, not '-1'"),
        ("listener", ["--port", "\u0661"], "--port takes a number from 0 to 65535, not '\u0661'"),
        ("listener", ["--port"], "--port needs a value"),
        ("stream-server", ["--no-reuseaddr=1"], "--no-reuseaddr takes no value"),
        ("connected-talker", ["--wait", "nan"], "--wait takes a number of seconds, not 'nan'"),
        ("connected-talker", ["--wait", "-1"], "--wait takes a number of seconds, not '-1'"),
        ("connected-talker", ["--wait", "1e9"], "--wait takes a number of seconds, not '1e9'"),
        ("udp-echo-client", ["--naive=1"], "--naive takes no value"),
        ("udp-echo-client", ["--timeout", "-1"], "--timeout takes a number of seconds, not '-1'"),
        (
            "load-client",
            ["--connections", "10000001"],
            "--connections takes a number from 0 to 10000000, not '10000001'",
        ),
        ("load-client", ["--size", "x"], "--size takes a number from 0 to 10000000, not 'x'"),
        ("load-client", ["--hold=yes"], "--hold takes no value"),
        ("unix-echo-datagram-client", ["--own"], "--own needs a value"),
    ],
)
def test_an_option_with_a_wrong_value(name: str, args: list[str], reason: str) -> None:
    expected = f"{reason} (--help says more)\n{USAGES[name]}\n".encode()
    assert run(name, *args) == (1, b"", expected)


@pytest.mark.parametrize("name", ALL)
def test_help_teaches(name: str) -> None:
    ending = run(name, "--help")
    assert (ending.status, ending.stderr) == (0, b"")
    assert ending.stdout.startswith(f"{name}: ".encode())
    assert ending.stdout.count(f"usage: {name}".encode()) == 1
    assert b"order of socket calls" in ending.stdout
    assert ending.stdout.endswith(b".\n")


def test_options_stand_before_or_after_the_arguments() -> None:
    port = str(free_port())
    told = b"client: connect: Connection refused\nclient: failed to connect\n"
    for args in [
        ["--port", port, "--family", "ipv4", "127.0.0.1"],
        ["127.0.0.1", "--family=ipv4", f"--port={port}"],
        ["--port", port, "--", "127.0.0.1"],
    ]:
        assert run("stream-client", *args) == (2, b"", told)


@pytest.mark.parametrize("name", ["stream-client", "talker", "connected-talker"])
@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "", "a..b", "x" * 300, b"\xff\xfe", "bücher..", "-x"]
)
def test_a_host_nobody_knows(name: str, host: str | bytes) -> None:
    """Any bytes are a host name to a C program; here too nothing but the C library judges them."""
    message = [] if name == "stream-client" else ["hello"]
    ending = run(name, host, *message)
    assert (ending.status, ending.stdout) == (1, b"")
    assert ending.stderr.startswith(b"getaddrinfo: ")
    assert ending.stderr.count(b"\n") == 1


def test_gai_strerror_word_for_word() -> None:
    ending = run("simplestreamclient", "192.0.2.256.", "80")
    assert ending == (1, b"", b"getaddrinfo: Name or service not known\n")
    ending = run("simplestreamclient", "127.0.0.1", "no-such-service")
    assert ending == (1, b"", b"getaddrinfo: Servname not supported for ai_socktype\n")
    ending = run("simplestreamclient", "--family", "ipv6", "127.0.0.1", "80")
    assert ending == (1, b"", b"getaddrinfo: Address family for hostname not supported\n")


def test_getaddrinfo_failing_in_a_system_call() -> None:
    prelude = (
        "import socket\n"
        "def fail(*_args): raise OSError(24, 'injected')\n"
        "socket.getaddrinfo = fail\n"
    )
    for name in ["stream-server", "listener", "simplestreamserver"]:
        assert run(name, prelude=prelude) == (1, b"", b"getaddrinfo: System error\n")
