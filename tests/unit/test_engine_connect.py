"""Finding an engine: which one, and exactly why not."""

import errno
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from docker.context.config import get_context_id
from docker.tls import TLSConfig

from lab.engine import address, connect, open_engine
from lab.engine.errors import NoEngineError
from lab.errors import EngineError, UsageError
from lab.ports import Abilities
from tests.fakes.daemon import VERSION, Answer, FakeDaemon, refusal


@pytest.fixture(autouse=True)
def _nobody_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("LAB_ENGINE", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


def named(choice: str | None, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(each.url, each.source) for each in address.addresses(choice, environment)]


# -- which one -------------------------------------------------------------------------------


def test_the_command_line_comes_before_the_environment() -> None:
    environment = {"LAB_ENGINE": "unix:///lab", "DOCKER_HOST": "unix:///docker"}
    assert named("unix:///mine", environment) == [("unix:///mine", "--engine")]
    assert named(None, environment) == [("unix:///lab", "LAB_ENGINE")]
    assert named(None, {"DOCKER_HOST": "unix:///docker"}) == [("unix:///docker", "DOCKER_HOST")]


def test_the_current_context_of_docker_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))  # docker's own code looks there
    context_in(tmp_path, "desktop", "unix:///desktop.sock")
    environment = {"DOCKER_CONFIG": str(tmp_path)}
    assert named(None, environment) == [("unix:///desktop.sock", "docker context 'desktop'")]
    default = {**environment, "DOCKER_CONTEXT": "default"}
    assert named(None, default)[0] == ("unix:///var/run/docker.sock", "the default socket")


def context_in(folder: Path, name: str, host: str) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    meta = folder / "contexts" / "meta" / get_context_id(name)
    meta.mkdir(parents=True)
    found = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}
    (meta / "meta.json").write_text(json.dumps(found))


def test_a_context_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="docker context 'nowhere' does not exist"):
        named(None, {"DOCKER_CONTEXT": "nowhere", "DOCKER_CONFIG": str(tmp_path)})


def test_unnamed_the_usual_places_are_tried_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker.sock").touch()
    monkeypatch.setattr("lab.private_engine.endpoint", lambda: "unix:///private.sock")
    found = named(None, {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert [url for url, _ in found] == [
        "unix:///var/run/docker.sock",
        f"unix://{tmp_path}/docker.sock",
        "unix:///private.sock",
    ]


@pytest.mark.parametrize("url", ["docker.sock", "/var/run/docker.sock", "ssh://host", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    if not url:
        assert len(named(url, {})) >= 1
        return
    with pytest.raises(UsageError, match="--engine: ") as caught:
        named(url, {})
    assert "unix:///" in caught.value.help


def test_the_modern_one_is_the_private_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.private_engine.endpoint", lambda: "unix:///private.sock")
    assert named("modern", {}) == [("unix:///private.sock", "the private engine")]
    monkeypatch.setattr("lab.private_engine.endpoint", lambda: None)
    with pytest.raises(EngineError, match="not running") as caught:
        named("modern", {})
    assert caught.value.help == "start it: make modern-engine"


def test_tls_without_certificates_is_explained(tmp_path: Path) -> None:
    environment = {
        "DOCKER_HOST": "tcp://192.0.2.1:2376",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(tmp_path),
    }
    with pytest.raises(EngineError, match="TLS cannot be set up") as caught:
        named(None, environment)
    assert "ca.pem" in caught.value.help


# -- whether it answers ----------------------------------------------------------------------


@pytest.fixture
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeDaemon]:
    with closing(FakeDaemon({"GET /version": [request.param]}, path=tmp_path / "d.sock")) as made:
        yield made


@pytest.mark.parametrize("daemon", [Answer(body=VERSION)], indirect=True)
def test_an_engine_is_asked_once_what_it_is(daemon: FakeDaemon) -> None:
    with closing(open_engine(daemon.url)) as engine:
        assert engine.abilities() == Abilities("20.10.24", (1, 41), ipv6_only=False, kernel="6.1")
        assert engine.url == daemon.url
    assert daemon.asked == ["GET /version"]


@pytest.mark.parametrize("daemon", [Answer(body={**VERSION, "ApiVersion": "1.52"})], indirect=True)
def test_an_engine_of_28_and_later_can_do_without_ipv4(daemon: FakeDaemon) -> None:
    """And has a network of its own for each case."""
    with closing(open_engine(daemon.url)) as engine:
        assert engine.abilities().ipv6_only
        assert not engine.abilities().networks_last


WRONG = {
    "too old": Answer(body={**VERSION, "Version": "19.03", "ApiVersion": "1.40"}),
    "refused": refusal(503, "no, not now"),
    "no Docker Engine: .*": Answer(raw=b"220 mail.example ESMTP\r\n"),
    "is no Docker Engine": Answer(body={"hello": "world"}),
    "no Docker Engine:  .*": Answer(raw=b""),
    "not Docker's": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
}


@pytest.mark.parametrize(("daemon", "words"), [
    (WRONG["too old"], "is too old: 19.03"),
    (WRONG["refused"], "refused: no, not now"),
    (WRONG["no Docker Engine: .*"], "no Docker Engine"),
    (WRONG["is no Docker Engine"], "is no Docker Engine"),
    (WRONG["no Docker Engine:  .*"], "no Docker Engine"),
    (WRONG["not Docker's"], "is no Docker Engine"),
], indirect=["daemon"])  # fmt: skip
def test_an_answer_that_is_of_no_use_is_explained(daemon: FakeDaemon, words: str) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        open_engine(daemon.url)
    assert daemon.url in caught.value.what


@pytest.mark.parametrize("daemon", [Answer(hang=True)], indirect=True)
def test_an_engine_that_hangs_is_given_up(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "ANSWER_LIMIT", 0.05)
    with pytest.raises(EngineError, match=r"did not answer within 0\.05 s"):
        open_engine(daemon.url)


@pytest.mark.parametrize(
    ("number", "words", "kind"),
    [
        (errno.EACCES, "you may not speak to the engine", EngineError),
        (errno.EPERM, "you may not speak to the engine", EngineError),
        (errno.ENOENT, "there is no socket", NoEngineError),
        (errno.ECONNREFUSED, "no Docker Engine listens", NoEngineError),
        (errno.EHOSTUNREACH, "No route to host", NoEngineError),
    ],
)
def test_the_systems_refusals_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, number: int, words: str, kind: type[EngineError]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "No route to host")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("lab.private_engine.endpoint", lambda: None)
    with pytest.raises(EngineError, match=words) as caught:
        open_engine()
    assert type(caught.value) is kind
    assert caught.value.help


def test_an_engine_that_was_named_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is no socket") as caught:
        open_engine(f"unix://{tmp_path}/none.sock")
    assert not isinstance(caught.value, NoEngineError)


def test_the_private_engine_stands_in_for_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(FakeDaemon({}, path=tmp_path / "private.sock")) as daemon:
        monkeypatch.setattr("lab.private_engine.endpoint", lambda: daemon.url)
        monkeypatch.setattr(address, "_DEFAULT", f"unix://{tmp_path}/none.sock")
        with closing(open_engine()) as engine:
            assert engine.url == daemon.url


def test_a_server_without_tls_is_told_apart_from_one_with() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            """Answer the first bytes, whatever they are, as a server of plain HTTP does."""
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        answering = threading.Thread(target=refuse, daemon=True)
        answering.start()
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        plain = address.EngineAddress(url, "test", TLSConfig(verify=False))
        with pytest.raises(EngineError, match="no TLS with the engine"):
            connect.ask(plain)
