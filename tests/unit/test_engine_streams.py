"""Streams out of attach: plain sockets that miss nothing, over every transport."""

import selectors
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docker.tls import TLSConfig

from lab.engine import connect
from lab.engine.address import EngineAddress
from lab.engine.docker_engine import DockerEngine
from tests.fakes.daemon import Answer, Answers, FakeDaemon

EARLY = b"said with the headers"
BIG = bytes(range(256)) * 4096


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key in one file, for 127.0.0.1, of this session's own."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return made


@pytest.fixture(params=["unix", "tcp", "tls"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[b"", EARLY], ids=["nothing early", "something early"])
def early(request: pytest.FixtureRequest) -> bytes:
    return bytes(request.param)


@pytest.fixture
def stream(
    transport: str, early: bytes, tmp_path: Path, certificate: Path
) -> Iterator[socket.socket]:
    """An attached stream; the daemon sends back all it gets."""
    answers: Answers = {"POST /containers/a/attach": [Answer(upgrade=early)]}
    context, config = None, None
    if transport == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        config = TLSConfig(ca_cert=str(certificate), verify=True)
    path = tmp_path / "d.sock" if transport == "unix" else None
    with closing(FakeDaemon(answers, path=path, tls=context)) as daemon:
        url = daemon.url.replace("tcp://", "https://") if transport == "tls" else daemon.url
        connection = connect.ask(EngineAddress(url, "test", config))
        with closing(DockerEngine(connection)) as engine, engine.attach("a") as attached:
            attached.settimeout(10)
            yield attached


def exactly(sock: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        data = sock.recv(65536)
        assert data, f"the stream ended after {len(received)} of {size} bytes"
        received += data
    return received


def test_it_is_a_plain_socket(stream: socket.socket) -> None:
    assert type(stream) is socket.socket


def test_no_byte_is_missed(stream: socket.socket, early: bytes) -> None:
    assert exactly(stream, len(early)) == early
    stream.sendall(b"ping")
    assert exactly(stream, 4) == b"ping"


def test_a_selector_sees_all_there_is(stream: socket.socket, early: bytes) -> None:
    """TLS keeps what it has decrypted to itself; a selector would wait for it for ever."""
    exactly(stream, len(early))
    stream.setblocking(False)
    to_send, received = memoryview(BIG), b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while len(received) < len(BIG):
            ready = selector.select(10)
            assert ready, f"nothing for 10 s after {len(received)} bytes"
            events = ready[0][1]
            if events & selectors.EVENT_WRITE:
                to_send = to_send[stream.send(to_send[:65536]) :]
                if not to_send:
                    selector.modify(stream, selectors.EVENT_READ)
            if events & selectors.EVENT_READ:
                received += stream.recv(65536)
    assert received == BIG


def test_the_end_of_input_is_passed_on(stream: socket.socket, early: bytes) -> None:
    exactly(stream, len(early))
    stream.shutdown(socket.SHUT_WR)
    assert stream.recv(1) == b""
