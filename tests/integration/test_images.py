"""The images on real engines: built once, users' images held, the holder at home in both."""

import io
import os
import secrets
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker import APIClient
from msgspec.structs import replace

from lab import frames
from lab.engine import images, leftovers, registries
from lab.engine.connect import Connection, connect
from lab.engine.docker_engine import DockerEngine
from lab.engine.registries import inspect
from lab.errors import EngineError
from lab.image import recipe
from lab.image.recipe import LABEL, LOCAL_TAG, ContextFile, Recipe
from lab.ports import Image, NodeSpec
from lab.private_engine import endpoint, possible
from tests import programs
from tests.holder.conversation import Conversation

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(600),  # the image may have to be built first
    pytest.mark.skipif(os.environ.get("LAB_WITHOUT_DOCKER") == "1", reason="LAB_WITHOUT_DOCKER=1"),
]

SERVICES = Path(__file__).parents[2] / "services"
NOWHERE = "registry.invalid/no/such/image:1"
TOOLS = ["python3", "telnet", "traceroute", "tcpdump", "strace", "ip", "ss", "ps", "getent"]


@pytest.fixture(scope="module", params=["first", "modern"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """Each engine in turn."""
    if request.param == "modern" and endpoint() is None:
        reason = possible()
        if reason is not None:
            pytest.skip(f"no private engine here: {reason}")
        pytest.fail("the private engine does not run: make modern-engine")
    made = connect(None if request.param == "first" else "modern")
    yield made
    made.clients.close()


@pytest.fixture(scope="module")
def client(connection: Connection) -> APIClient:
    """A client of the engine."""
    return connection.clients.mine()


@pytest.fixture(scope="module")
def made_of() -> Recipe:
    """What the lab's image is made of."""
    return recipe.read(SERVICES)


@pytest.fixture(scope="module")
def lab_image(client: APIClient, made_of: Recipe) -> str:
    """The lab's own image."""
    return images.ensure(client, made_of)


@pytest.fixture(scope="module")
def c_programs(client: APIClient, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The guide programs in C."""
    return programs.build(client, tmp_path_factory.mktemp("programs"))


class Wire:
    """A holder's attached stream, the engine's framing taken off."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self.stderr = b""
        self._decoder = frames.EngineDecoder()

    def fileno(self) -> int:
        """What to wait for."""
        return self.stream.fileno()

    def read(self) -> bytes:
        """Some of what the holder said; nothing at the end."""
        said = b""
        while not said:
            data = self.stream.recv(1 << 16)
            if not data:
                return b""
            for kind, part in self._decoder.feed(data):
                if kind == frames.STDOUT:
                    said += part
                else:
                    self.stderr += part
        return said

    def write(self, data: bytes) -> None:
        """All of it, to the holder."""
        self.stream.sendall(data)


class Node(Conversation):
    """A started node without a network."""

    def __init__(self, name: str, wire: Wire) -> None:
        super().__init__(wire)
        self.name = name
        self.wire = wire


@contextmanager
def node(connection: Connection, image: str) -> Iterator[Node]:
    """A held node, as safe as any of the lab's; gone afterwards."""
    engine = DockerEngine(connection)
    name = f"lab-test-{secrets.token_hex(4)}"
    spec = NodeSpec(
        name=name,
        hostname="node",
        image=image,
        links=(),
        hosts=(),
        env=(),
        memory=64 * 1024 * 1024,
        pids=64,
        cpus=None,
        labels={"lab.test": "images"},
    )
    engine.create_node(spec)
    try:
        wire = Wire(engine.attach(name))
        engine.start(name)
        made = Node(name, wire)
        made.wait(frames.Held)
        yield made
        wire.stream.close()
    finally:
        engine.remove_node(name)


def containers_being_made(client: APIClient) -> list[str]:
    found = client.containers(all=True, filters={"label": f"{LABEL}=making"})
    return [one["Id"] for one in found]


# -- the lab's own image ---------------------------------------------------------------------


def test_what_is_there_is_not_built_again(
    client: APIClient, made_of: Recipe, lab_image: str
) -> None:
    told: list[str] = []
    assert images.ensure(client, made_of, told.append) == lab_image
    assert told == []


def test_it_is_named_by_what_it_is_made_of(
    client: APIClient, made_of: Recipe, lab_image: str
) -> None:
    for name in (made_of.tag(), LOCAL_TAG):
        found = inspect(client, name)
        assert found is not None
        assert found["Id"] == lab_image
    state = images.state(client, made_of)
    assert (state.reference, state.present) == (made_of.tag(), True)


def test_a_recipe_never_built_is_not_there(client: APIClient, made_of: Recipe) -> None:
    other = replace(made_of, files=(*made_of.files, ContextFile("lab/services/other", b"")))
    state = images.state(client, other)
    assert not state.present
    assert state.base is not None  # the base of the image that is there


def test_all_made_images_are_found(client: APIClient, made_of: Recipe, lab_image: str) -> None:
    found = {leftover.id: leftover for leftover in images.made(client)}
    assert {made_of.tag(), LOCAL_TAG} <= found.keys()
    assert found[LOCAL_TAG].what == "image"


def test_a_made_image_of_several_names_can_be_removed(client: APIClient) -> None:
    repository, empty = f"socketlab-test/{secrets.token_hex(4)}", io.BytesIO(bytes(10240))
    client.import_image(empty, repository=repository, tag="a", changes=[f"LABEL {LABEL}=test"])
    client.tag(f"{repository}:a", repository, "b")
    mine = [one for one in images.made(client) if one.name.startswith(repository)]
    assert len(mine) == 2
    for one in mine:
        leftovers.remove(client, one)
    assert not [one for one in images.made(client) if one.name.startswith(repository)]


def test_a_program_that_does_not_compile_is_an_error_that_says_so(
    client: APIClient, made_of: Recipe, lab_image: str
) -> None:
    broken = [file for file in made_of.files if file.path != "holder.c"]
    broken.append(ContextFile("holder.c", b"int main(void) { return undeclared; }"))
    with pytest.raises(EngineError) as caught:
        images.ensure(client, Recipe(tuple(broken)))
    assert "compiling the holder" in caught.value.what
    assert "undeclared" in caught.value.what
    found = inspect(client, LOCAL_TAG)
    assert found is not None
    assert found["Id"] == lab_image


def test_a_base_that_cannot_be_had_is_an_error(client: APIClient, made_of: Recipe) -> None:
    with pytest.raises(EngineError) as caught:
        images.ensure(client, made_of, base=NOWHERE)
    assert caught.value.what.startswith(f"there is no image {NOWHERE} on the engine")


def test_a_registry_that_says_nothing_is_a_reason_in_bounded_time(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registries, "_ANSWER_LIMIT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the modern engine is refused there
        reason = registries.pull(client, f"127.0.0.1:{silent.getsockname()[1]}/x:1", print)
    assert reason is not None
    assert "did not answer within 1 s" in reason or "connection refused" in reason


def test_two_who_build_at_once_build_once(
    connection: Connection, made_of: Recipe, lab_image: str
) -> None:
    files = {file.path: file for file in made_of.files}
    text = f"ARG BASE\nFROM ${{BASE}}\nARG BASE_NAME\n# copying\nCOPY mark /\nLABEL {LABEL}=test\n"
    mark = ContextFile("mark", secrets.token_bytes(8))
    tiny = Recipe((ContextFile("Dockerfile", text.encode()), files["holder.c"], mark))
    told: list[str] = []

    def build() -> str:
        return images.ensure(connection.clients.mine(), tiny, told.append)

    try:
        with ThreadPoolExecutor(2) as pool:
            first, second = [pool.submit(build) for _ in range(2)]
            assert first.result() == second.result()
        assert len([line for line in told if "copying" in line]) == 1
    finally:
        images.ensure(connection.clients.mine(), made_of)  # what :local was
        connection.clients.mine().remove_image(tiny.tag())


def test_the_guides_tools_are_there(connection: Connection, lab_image: str) -> None:
    script = "for tool; do command -v $tool >/dev/null || echo $tool; done"
    with node(connection, lab_image) as machine:
        machine.begin("sh", "-c", script, "sh", *TOOLS)
        assert machine.wait(frames.Ended).status == 0
        assert machine.stdout() == b""


def test_the_services_python_is_compiled(connection: Connection, lab_image: str) -> None:
    with node(connection, lab_image) as machine:
        machine.begin("find", "/lab", "-name", "*.pyc")
        assert machine.wait(frames.Ended).status == 0
        assert b"/lab/services/clibrary/__pycache__/netdb." in machine.stdout()
        assert b"/lab/agent/__pycache__/loop." in machine.stdout()


# -- the holder at home ----------------------------------------------------------------------


def test_a_service_runs_and_ends(connection: Connection, lab_image: str) -> None:
    with node(connection, lab_image) as machine:
        path = "/lab/services/stream-client/stream-client.py"
        machine.begin("python3", "-I", "-S", path, "localhost")
        assert machine.wait(frames.Ended).status == 2
        assert machine.stderr().endswith(b"client: failed to connect\n")


def test_programs_cannot_reach_or_end_the_holder(connection: Connection, lab_image: str) -> None:
    script = "kill -TERM 1; kill -INT 1; kill -KILL 1; ls /proc/1/fd; exit 0"
    with node(connection, lab_image) as machine:
        machine.begin("sh", "-c", script)
        assert machine.wait(frames.Ended).status == 0
        assert b"Permission denied" in machine.stderr()
        machine.ping()


def test_a_program_out_of_memory_goes_and_the_holder_stays(
    connection: Connection, lab_image: str
) -> None:
    with node(connection, lab_image) as machine:
        machine.begin("python3", "-c", "b'x' * (1 << 30)")
        assert machine.wait(frames.Ended).signal == 9
        machine.ping()


def test_kill_all_reaches_every_process(connection: Connection, lab_image: str) -> None:
    with node(connection, lab_image) as machine:
        machine.begin("sh", "-c", "setsid sleep 1000 & setsid sh -c 'echo up; sleep 1000'")
        machine.wait_stdout(b"up\n")
        machine.tell(frames.kill_all())
        assert machine.wait(frames.Ended).signal == 9
        machine.wait(frames.StdoutClosed)
        machine.wait(frames.StderrClosed)
        machine.begin("ps", "-e", "-o", "comm=")
        machine.wait(frames.Ended, count=2)
        assert machine.stdout() == b"up\nholder\nps\n"


def test_the_node_ends_with_the_lab(
    connection: Connection, client: APIClient, lab_image: str
) -> None:
    with node(connection, lab_image) as machine:
        machine.begin("sh", "-c", "trap '' TERM HUP; sleep 1000; sleep 1000")
        machine.wire.stream.shutdown(socket.SHUT_RDWR)
        assert client.wait(machine.name, timeout=30)["StatusCode"] == 0


def test_docker_stop_is_a_power_failure(
    connection: Connection, client: APIClient, lab_image: str
) -> None:
    with node(connection, lab_image) as machine:
        machine.begin("sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do wait; done")
        machine.wait_stdout(b"up\n")
        client.kill(machine.name, "SIGTERM")  # what `docker stop` begins with
        machine.read_until(lambda: machine.ended)
        assert client.wait(machine.name, timeout=30)["StatusCode"] == 128 + signal.SIGTERM
        assert machine.of(frames.Ended) == []
        assert machine.stdout() == b"up\n"


# -- users' images ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def listener(
    client: APIClient, made_of: Recipe, lab_image: str, c_programs: dict[str, str]
) -> Image:
    """The C listener, held."""
    return images.held(client, made_of, c_programs["listener"], lab_image)


def test_a_held_image_runs_what_it_ran(listener: Image) -> None:
    assert (listener.entrypoint, listener.command) == (("/listener",), ())


def test_an_image_is_held_once_and_nothing_is_left(
    client: APIClient,
    made_of: Recipe,
    lab_image: str,
    c_programs: dict[str, str],
    listener: Image,
) -> None:
    assert images.held(client, made_of, c_programs["listener"], lab_image) == listener
    assert containers_being_made(client) == []
    own = inspect(client, c_programs["listener"])
    assert own is not None
    assert own["Id"] != listener.reference
    assert len(own["RootFS"]["Layers"]) == 1  # the user's image is as it was


def test_a_c_program_in_an_image_of_nothing_else(connection: Connection, listener: Image) -> None:
    with node(connection, listener.reference) as machine:
        machine.begin(*listener.entrypoint)
        machine.wait_stdout(b"listener: waiting to recvfrom...\n")  # printed, never flushed
        machine.tell(frames.signal(0, 15))
        assert machine.wait(frames.Ended).signal == 15


def test_such_an_image_has_no_shell(connection: Connection, listener: Image) -> None:
    with node(connection, listener.reference) as machine:
        machine.tell(frames.begin(0, ["sh"]))
        assert machine.wait(frames.NotBegun).errno == 2


def test_a_second_c_server_on_the_node_cannot_bind(
    connection: Connection,
    client: APIClient,
    made_of: Recipe,
    lab_image: str,
    c_programs: dict[str, str],
) -> None:
    server = images.held(client, made_of, c_programs["stream-server"], lab_image)
    with node(connection, server.reference) as machine:
        machine.begin(*server.entrypoint)
        machine.wait_stdout(b"server: waiting for connections...\n")
        machine.begin(*server.entrypoint, process=1)
        assert machine.wait(frames.Ended, process=1).status == 1
        assert machine.stderr(1).endswith(b"server: failed to bind\n")


def test_an_image_that_is_not_there_is_an_error(
    client: APIClient, made_of: Recipe, lab_image: str
) -> None:
    with pytest.raises(EngineError) as caught:
        images.held(client, made_of, NOWHERE, lab_image)
    assert caught.value.what.startswith(f"there is no image {NOWHERE} on the engine")
