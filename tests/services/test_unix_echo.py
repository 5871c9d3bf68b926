"""Echo over Unix domain sockets: paths that stay, who may connect, who it was."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import DEADLINE, Program, receive, run, until

STREAM, DATAGRAM = "unix-echo-stream", "unix-echo-datagram"
READY = {STREAM: "listening on", DATAGRAM: "waiting on"}
UID = os.getuid()


@pytest.fixture
def path() -> Iterator[str]:
    """A path short enough, whatever the test is called, in a folder open to everybody."""
    with tempfile.TemporaryDirectory(prefix="sl-", dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        yield f"{folder}/echo"


def serving(kind: str, path: str, *args: str) -> Program:
    server = Program(f"{kind}-server", *args, path)
    assert server.line() == f"{kind}-server: {READY[kind]} {path}\n".encode()
    return server


def kind_of(kind: str) -> int:
    return socket.SOCK_STREAM if kind == STREAM else socket.SOCK_DGRAM


# -- both kinds ------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [b"hello", b"\xff\xfe\x80", b"x" * 50000, b"--help", b"-"])
@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_the_message_comes_back(kind: str, path: str, message: bytes) -> None:
    with serving(kind, path):
        ending = run(f"{kind}-client", path, message)
    name = kind.encode()
    said = b"" if kind == DATAGRAM else b"%b-client: connected to %b\n" % (name, path.encode())
    said += b"%b-client: sent %d bytes\n" % (name, len(message))
    said += b'%b-client: received "%b"\n' % (name, message)
    assert ending == (0, said, b"")


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_an_abstract_name_is_no_file(kind: str) -> None:
    name = f"@socketlab-{os.getpid()}-{kind}"
    with serving(kind, name) as server:
        ending = run(f"{kind}-client", name, "hi")
        assert ending.status == 0
        assert b'received "hi"\n' in ending.stdout
        assert not Path(name).exists()
        in_use = run(f"{kind}-server", name)
        assert in_use == (1, b"", b"bind: Address already in use\n")
        if kind == DATAGRAM:
            assert f"from {name}.client, user id {UID}\n".encode() in server.line()
    with serving(kind, name):
        pass  # nothing is left behind


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_a_path_stays_and_a_restart_removes_it(kind: str, path: str) -> None:
    with serving(kind, path) as server:
        server.stop()
    assert stat.S_ISSOCK(Path(path).stat().st_mode)
    refused = run(f"{kind}-client", path, "hi")
    assert refused.status == 2
    assert b"Connection refused\n" in refused.stderr
    told = b"bind: Address already in use\n"
    assert run(f"{kind}-server", "--no-unlink", path) == (1, b"", told)
    with serving(kind, path):
        assert run(f"{kind}-client", path, "hi").status == 0


@pytest.mark.parametrize("second", [STREAM, DATAGRAM])
@pytest.mark.parametrize("first", [STREAM, DATAGRAM])
def test_a_path_in_use_is_left_alone(first: str, second: str, path: str) -> None:
    with serving(first, path) as server:
        ending = run(f"{second}-server", path)
        assert ending == (1, b"", b"bind: Address already in use\n")
        assert run(f"{first}-client", path, "hi").status == 0
        assert b"got" in server.line()  # the test for life was nobody's connection or datagram


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_what_is_no_socket_is_never_removed(kind: str, path: str) -> None:
    Path(path).write_text("precious")
    assert run(f"{kind}-server", path) == (1, b"", b"bind: Address already in use\n")
    assert Path(path).read_text() == "precious"


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_a_path_may_have_107_bytes(kind: str, tmp_path: Path) -> None:
    def padded(length: int) -> str:
        return "./" * ((length - 1) // 2) + "a" * (length - 2 * ((length - 1) // 2))

    with Program(f"{kind}-server", padded(107), cwd=tmp_path) as server:
        assert server.line().endswith(padded(107).encode() + b"\n")
        assert stat.S_ISSOCK((tmp_path / padded(107).rpartition("/")[2]).stat().st_mode)
    for side, words in [("server", []), ("client", ["hi"])]:
        told = f"{kind}-{side}: PATH is 108 bytes long, a socket's may have 107\n"
        assert run(f"{kind}-{side}", padded(108), *words) == (1, b"", told.encode())
        told = f"{kind}-{side}: PATH is empty\n"
        assert run(f"{kind}-{side}", "", *words) == (1, b"", told.encode())


@pytest.mark.parametrize(("args", "mode"), [([], 0o600), (["--mode", "666"], 0o666)])
@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_the_mode_is_that_of_the_path(kind: str, path: str, args: list[str], mode: int) -> None:
    with serving(kind, path, *args):
        assert stat.S_IMODE(Path(path).stat().st_mode) == mode


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
@pytest.mark.parametrize("mode", ["6", "6000", "888", "abc", "-rw", ""])
def test_a_wrong_mode(kind: str, mode: str) -> None:
    told = f"--mode takes three octal digits like 600, not '{mode}' (--help says more)\n"
    told += f"usage: {kind}-server PATH\n"
    assert run(f"{kind}-server", "--mode", mode, "/tmp/x") == (1, b"", told.encode())


@pytest.mark.skipif(UID != 0, reason="only root can be somebody else, too")
@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_somebody_else_needs_the_permission(kind: str, path: str) -> None:
    somebody = (
        "import os, socket\n"
        "def connect(self, address, real=socket.socket.connect):\n"
        "    os.setuid(65534)\n"
        "    return real(self, address)\n"
        "socket.socket.connect = connect\n"
    )
    with serving(kind, path):
        ending = run(f"{kind}-client", path, "hi", prelude=somebody)
    assert ending.status == 2
    assert ending.stderr.endswith(b": Permission denied\n")
    with serving(kind, path, "--mode", "666") as server:
        ending = run(f"{kind}-client", path, "hi", prelude=somebody)
        assert ending.status == 0
        assert server.line().endswith(b"user id 65534\n")


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_nobody_was_ever_there(kind: str, path: str) -> None:
    ending = run(f"{kind}-client", path, "hi")
    assert ending.status == 2
    assert ending.stderr.endswith(b": No such file or directory\n")
    assert not Path(path + ".client").exists()


# -- streams ---------------------------------------------------------------------------------


def test_stream_server_serves_one_after_another(path: str) -> None:
    with serving(STREAM, path) as server:
        for _ in range(2):
            assert run(f"{STREAM}-client", path, "hello").status == 0
            assert server.line() == f"{STREAM}-server: got connection from user id {UID}\n".encode()
            assert server.line() == f"{STREAM}-server: got 5 bytes\n".encode()
            assert server.line() == f"{STREAM}-server: client hung up\n".encode()


def test_stream_server_outlives_a_broken_connection(path: str) -> None:
    with serving(STREAM, path) as server:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            server.line()
            client.sendall(b"hi")
            assert server.line() == f"{STREAM}-server: got 2 bytes\n".encode()
            until("echoed", lambda: client.recv(1, socket.MSG_PEEK) == b"h")
        # closed with something unread: a reset
        assert server.complaint() == f"{STREAM}-server: Connection reset by peer\n".encode()
        assert run(f"{STREAM}-client", path, "still there").status == 0


@pytest.mark.parametrize("answer", [b"", b"hell", b"hellx", b"hello!"])
def test_stream_client_notices_what_is_not_its_message(path: str, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.settimeout(DEADLINE)
        server.bind(path)
        server.listen()
        with Program(f"{STREAM}-client", path, "hello") as client:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(DEADLINE)
                assert receive(connection, 100) == b"hello"
                connection.sendall(answer)
            ending = client.end()
    assert ending.status == 1
    assert ending.stdout.endswith(b'received "%b"\n' % answer)
    assert ending.stderr == f"{STREAM}-client: that is not what was sent\n".encode()


def test_a_stream_client_of_a_datagram_server(path: str) -> None:
    with serving(DATAGRAM, path):
        ending = run(f"{STREAM}-client", path, "hi")
    assert ending == (2, b"", b"connect: Protocol wrong type for socket\n")


# -- datagrams -------------------------------------------------------------------------------


def test_datagram_server_says_who_sent_what(path: str) -> None:
    with serving(DATAGRAM, path) as server:
        assert run(f"{DATAGRAM}-client", path, "hello", "--own", path + "2").status == 0
        said = f"{DATAGRAM}-server: got 5 bytes from {path}2, user id {UID}\n"
        assert server.line() == said.encode()
        assert not Path(path + "2").exists()
        assert Path(path).exists()


def test_a_sender_without_a_name_cannot_be_answered(path: str) -> None:
    with serving(DATAGRAM, path) as server:
        ending = run(f"{DATAGRAM}-client", "--unnamed", "--wait", "0.05", path, "hello")
        said = f"{DATAGRAM}-client: sent 5 bytes\n{DATAGRAM}-client: no answer\n"
        assert ending == (1, said.encode(), b"")
        said = f"{DATAGRAM}-server: got 5 bytes from nobody, user id {UID}\n"
        assert server.line() == said.encode()
        said = f"{DATAGRAM}-server: no answer: the sender has no name\n"
        assert server.line() == said.encode()


def test_a_sender_who_is_gone_does_not_end_the_server(path: str) -> None:
    with serving(DATAGRAM, path) as server:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
            gone.bind(path + "3")
            server.process.send_signal(19)  # SIGSTOP
            until("stopped", lambda: server.state() == "T")
            gone.sendto(b"bye", path)
        server.process.send_signal(18)  # SIGCONT
        assert server.complaint() == f"{DATAGRAM}-server: sendto: Connection refused\n".encode()
        assert run(f"{DATAGRAM}-client", path, "hi").status == 0


def test_who_reads_no_answers_stops_nobody(path: str) -> None:
    """Its queue fills; a server that waited for it would answer nobody any more."""
    with serving(DATAGRAM, path) as server:
        drain = threading.Thread(target=server.end)
        drain.start()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rude:
            rude.settimeout(DEADLINE)
            rude.bind(path + "4")
            for _ in range(100):
                rude.sendto(b"more", path)
            assert run(f"{DATAGRAM}-client", "--wait", "30", path, "hi").status == 0
        server.process.terminate()
        drain.join()


@pytest.mark.parametrize("answer", [b"", b"hell", b"hello!"])
def test_datagram_client_notices_what_is_not_its_message(path: str, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.settimeout(DEADLINE)
        server.bind(path)
        with Program(f"{DATAGRAM}-client", "--wait", "30", path, "hello") as client:
            _, sender = server.recvfrom(100)
            server.sendto(answer, sender)
            ending = client.end()
    assert ending.status == 1
    assert ending.stderr == f"{DATAGRAM}-client: that is not what was sent\n".encode()
