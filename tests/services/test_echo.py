"""simplestreamserver and simplestreamclient."""

from __future__ import annotations

import errno
import signal
import socket
import threading

import pytest

from .running import (
    DEADLINE,
    LISTENING,
    TIME_WAIT,
    Ending,
    Program,
    accept,
    bound,
    failing,
    free_port,
    listening,
    receive,
    resolving,
    run,
    until,
)

IN_USE = b"bind: Address already in use\n"


def opening(port: int, address: str = "0.0.0.0") -> bytes:
    return (
        f"[server] trying to open a listening socket to {address}:{port} ...\n"
        f"[server] successfully opened a listening socket to {address}:{port}\n"
    ).encode()


def serving(*args: str, port: int, prelude: str = "") -> Program:
    program = Program("simplestreamserver", "--port", str(port), *args, prelude=prelude)
    family = "tcp6" if "ipv6" in args else "tcp"
    until("listening", lambda: bound(family, port, LISTENING))
    return program


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def talk(port: int, *messages: bytes, host: str = "127.0.0.1") -> bytes:
    """Say each message once the one before came back; all that came back."""
    with socket.create_connection((host, port), DEADLINE) as connection:
        echoed = b""
        for message in messages:
            connection.sendall(message)
            echoed += receive(connection, len(message))
        return echoed


# -- the server ------------------------------------------------------------------------------


def test_echoes_each_message_and_ends_when_the_client_hangs_up() -> None:
    port = free_port()
    messages = [b"hello\r\n", b"\xff\xfe", b"one\0two", b"%s"]
    with serving(port=port) as server:
        assert talk(port, *messages) == b"".join(messages)
        ending = server.end()
    printed = opening(port) + b"[server] got conncetion from 127.0.0.1\n"
    for text in [b"hello\r\n", b"\xff\xfe", b"one", b"%s"]:
        printed += b"[server] waiting for message from client 127.0.0.1\n"
        printed += b"[server] received message from client 127.0.0.1: %b\n" % text
    printed += b"[server] waiting for message from client 127.0.0.1\n"
    printed += b"[server] client 127.0.0.1 hung up\n"
    assert ending == (0, printed, b"")


def test_serves_the_family_it_is_told() -> None:
    port = free_port()
    with serving("--family", "ipv6", port=port) as server:
        assert talk(port, b"hi", host="::1") == b"hi"
        ending = server.end()
    assert ending.stdout.startswith(opening(port, "::") + b"[server] got conncetion from ::1\n")


def test_a_second_client_is_refused() -> None:
    port = free_port()
    with serving(port=port) as server:
        with socket.create_connection(("127.0.0.1", port), DEADLINE):
            until("no longer listening", lambda: not bound("tcp", port, LISTENING))
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), DEADLINE)
        assert server.end().status == 0


def test_megabytes_come_back_whole_through_a_small_window() -> None:
    """The peer's buffers are tiny, so every send of the server's takes only a part."""
    port = free_port()
    data = bytes(range(256)) * 16384
    with serving(port=port) as server:
        with socket.socket() as client:
            client.settimeout(DEADLINE)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(("127.0.0.1", port))
            sender = threading.Thread(target=client.sendall, args=(data,))
            drain = threading.Thread(target=server.end)
            drain.start()  # the server prints what it receives: somebody has to read that
            sender.start()
            echoed = receive(client, len(data))
            sender.join()
        drain.join()
    assert echoed == data
    assert server.process.returncode == 0


def test_one_message_is_at_most_4096_bytes() -> None:
    port = free_port()
    with serving(port=port) as server:
        server.signal(signal.SIGSTOP)
        until("stopped", lambda: server.state() == "T")
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
            client.sendall(b"x" * 5000)
            server.signal(signal.SIGCONT)
            assert receive(client, 5000) == b"x" * 5000
        ending = server.end()
    said = b"[server] received message from client 127.0.0.1: %b\n"
    assert said % (b"x" * 4096) in ending.stdout
    assert said % (b"x" * 904) in ending.stdout


def test_a_reset_connection_is_a_failed_recv() -> None:
    port = free_port()
    with serving(port=port) as server:
        client = socket.create_connection(("127.0.0.1", port), DEADLINE)
        for _ in range(4):
            server.line()
        reset(client)
        ending = server.end()
    assert ending.status == 1
    assert ending.stderr == b"recv: Connection reset by peer\n"


def test_address_in_use() -> None:
    port = free_port()
    trying = opening(port).splitlines(keepends=True)[0]
    with serving(port=port):
        assert run("simplestreamserver", "--port", str(port)) == (1, trying, IN_USE)
        ending = run("simplestreamserver", "--port", str(port), "--family", "any")
    both = trying + trying.replace(b"0.0.0.0", b"::")
    assert ending == (1, both, 2 * IN_USE)


def test_restart_with_time_wait_needs_reuseaddr() -> None:
    port = free_port()
    with serving(port=port) as server, socket.create_connection(("127.0.0.1", port), DEADLINE):
        for _ in range(4):
            server.line()
        server.stop()  # it closes first, so TIME_WAIT is on its side
    until("TIME_WAIT", lambda: bound("tcp", port, TIME_WAIT))
    ending = run("simplestreamserver", "--port", str(port), "--no-reuseaddr")
    assert ending[0::2] == (1, IN_USE)
    with serving(port=port) as server:
        assert talk(port, b"again") == b"again"
        assert server.end().status == 0


@pytest.mark.parametrize("call", ["setsockopt", "bind", "listen", "accept", "recv", "sendall"])
def test_server_calls_that_fail(call: str) -> None:
    port = free_port()
    program = Program(
        "simplestreamserver", "--port", str(port), prelude=failing(call, errno.ENOBUFS)
    )
    with program as server:
        if call in ("recv", "sendall"):
            until("listening", lambda: bound("tcp", port, LISTENING))
            with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
                client.sendall(b"x")
                ending = server.end()
        else:
            ending = server.end()
    told = f"{call.removesuffix('all')}: No buffer space available\n".encode()
    assert (ending.status, ending.stderr) == (1, told)


def test_no_socket() -> None:
    ending = run("simplestreamserver", prelude=failing("__init__", errno.EMFILE))
    printed = (
        b"[server] trying to open a listening socket to 0.0.0.0:3490 ...\n"
        b"[server] opening a listening socket for 0.0.0.0 failed\n"
    )
    assert ending == (1, printed, b"socket: Too many open files\n")


# -- the client ------------------------------------------------------------------------------

CONNECTED = (
    b"[client] attempting connection to 127.0.0.1 ...\n"
    b"[client] connected to 127.0.0.1\n"
    b"what to send to the server?\n"
)


def exchange(typed: bytes, answer: bytes) -> tuple[bytes, Ending]:
    """What the server got, and how the client ended."""
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("simplestreamclient", "127.0.0.1", port) as client:
            connection = accept(server)
            client.say(typed)
            client.close_input()
            message = typed.partition(b"\n")[0]
            with connection:
                got = receive(connection, len(message))
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                ending = client.end()
                return got + receive(connection, 1), ending


@pytest.mark.parametrize(
    "line", [b"hello\n", b"hello", b"\xff\xfe\n", b"one\0two\n", b"cr\r\n", b"first\nsecond\n"]
)
def test_client_sends_one_line_and_prints_the_answer(line: bytes) -> None:
    message = line.partition(b"\n")[0]
    got, ending = exchange(line, b"an\xffswer\0 hidden")
    said = b"[client] sent '%b'\n[client] received 'an\xffswer'\n" % message.partition(b"\0")[0]
    assert got == message
    assert ending == (0, CONNECTED + said, b"")


def test_a_long_line_is_sent_whole() -> None:
    message = b"y" * 300_000
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("simplestreamclient", "127.0.0.1", port) as client:
            connection = accept(server)
            typist = threading.Thread(target=client.say, args=(message + b"\n",))
            typist.start()
            with connection:
                assert receive(connection, len(message)) == message
                connection.sendall(b"thanks")
                ending = client.end()
            typist.join()
    said = b"[client] sent '%b'\n[client] received 'thanks'\n" % message
    assert ending == (0, CONNECTED + said, b"")


def test_one_recv_takes_at_most_4095_bytes() -> None:
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("simplestreamclient", "127.0.0.1", port) as client:
            connection = accept(server)
            with connection:
                connection.sendall(b"z" * 5000)
                for _ in range(3):
                    client.line()
                client.say(b"go\n")
                ending = client.end()
    assert ending.stdout.endswith(b"[client] received '%b'\n" % (b"z" * 4095))


def test_an_empty_line_sends_nothing_and_waits() -> None:
    with listening() as server:
        port = str(server.getsockname()[1])
        with Program("simplestreamclient", "127.0.0.1", port) as client:
            connection = accept(server)
            client.say(b"\n")
            for _ in range(3):
                client.line()
            assert client.line() == b"[client] sent ''\n"
            until("asleep in recv", lambda: client.state() == "S")
            assert client.process.poll() is None
            connection.close()
            assert client.end().stdout.endswith(b"[client] received ''\n")


def test_end_of_input_before_any_line() -> None:
    with listening() as server:
        ending = run("simplestreamclient", "127.0.0.1", str(server.getsockname()[1]))
    told = b"simplestreamclient: no message on standard input\n"
    assert ending == (1, CONNECTED, told)


def test_every_candidate_is_announced() -> None:
    with listening() as server:
        ending = run(
            "simplestreamclient",
            "twofold",
            str(server.getsockname()[1]),
            prelude=resolving(twofold=["::1", "127.0.0.1"]),
        )
    assert ending.stdout == b"[client] attempting connection to ::1 ...\n" + CONNECTED
    assert ending.stderr.startswith(b"[client] connect: Connection refused\n")


def test_nobody_listens() -> None:
    ending = run("simplestreamclient", "127.0.0.1", str(free_port()))
    told = b"[client] connect: Connection refused\n[client] failed to connect\n"
    assert ending == (1, b"[client] attempting connection to 127.0.0.1 ...\n", told)


@pytest.mark.parametrize(("call", "named"), [("sendall", "send"), ("recv", "recv")])
def test_client_calls_that_fail(call: str, named: str) -> None:
    with listening() as server:
        ending = run(
            "simplestreamclient",
            "127.0.0.1",
            str(server.getsockname()[1]),
            stdin=b"x\n",
            prelude=failing(call, errno.ECONNRESET),
        )
    told = f"[client] {named}: Connection reset by peer\n".encode()
    assert (ending.status, ending.stderr) == (1, told)


def test_client_and_server_together() -> None:
    port = free_port()
    with serving(port=port) as server:
        ending = run("simplestreamclient", "127.0.0.1", str(port), stdin=b"hello\n")
        assert server.end().status == 0
    assert ending == (0, CONNECTED + b"[client] sent 'hello'\n[client] received 'hello'\n", b"")
