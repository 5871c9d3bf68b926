"""A private engine of these tests' own: it works, two may start it at once, it leaves nothing.

It has a home of its own and borrows only the root tree of the machine's shared private engine,
where there is one; that engine itself is never touched.
"""

import io
import os
import re
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from lab.private_engine import (
    PrivateEngineError,
    daemon,
    link,
    possible,
    processes,
    removal,
)
from lab.private_engine.home import HOME_VARIABLE, Home
from tests.homes import borrowed_home, silent

REASON = possible()
pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(600),  # where no tree is there to borrow, one is made
    pytest.mark.skipif(os.environ.get("LAB_WITHOUT_DOCKER") == "1", reason="LAB_WITHOUT_DOCKER=1"),
    pytest.mark.skipif(REASON is not None, reason=f"no private engine here: {REASON}"),
]

IMAGE = "socketlab-test-shell"
READ_ALL = 'while read -r line; do echo "$line"; done'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home of its own, its tree borrowed where one is made."""
    with borrowed_home(tmp_path_factory.mktemp("engine")) as made:
        yield made


@pytest.fixture
def engine(home: Home) -> Iterator[docker.DockerClient]:
    """The engine of that home, running and with a shell as IMAGE; `home` stops it in the end."""
    url = daemon.start(silent, home)
    with closing(docker.DockerClient(base_url=url, version="auto")) as client:
        if not client.images.list(IMAGE):
            client.api.import_image_from_data(shell(home.tree), repository=IMAGE, tag="latest")
        yield client


def shell(tree: Path) -> bytes:
    """The tree's own shell and what it is linked with, as a tar."""
    wanted = ["usr/lib/*/libc.so.6", "usr/lib/ld-linux*", "usr/lib*/ld-linux*", "usr/lib/*/ld-lin*"]
    files = {path for pattern in wanted for path in tree.glob(pattern)} | {tree / "usr/bin/dash"}
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", dereference=True) as tar:
        for path in sorted(files):
            tar.add(path, path.relative_to(tree))
        for name in ("bin", "lib", "lib64"):
            usr = tarfile.TarInfo(name)
            usr.type, usr.linkname = tarfile.SYMTYPE, f"usr/{name}"
            tar.addfile(usr)
    return output.getvalue()


def run_command(home: Home, *arguments: str) -> subprocess.Popen[str]:
    """`python3 -m lab.private_engine ARGUMENTS` on that home."""
    return subprocess.Popen(
        [sys.executable, "-m", "lab.private_engine", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, HOME_VARIABLE: str(home.path)},
    )


@dataclass(frozen=True)
class Trace:
    """What of an engine can be seen on the machine."""

    processes: list[str]
    namespaces: list[int]
    mounts: list[str]
    links: list[str]
    rules: list[str]
    files: list[str]


def traces(home: Home, namespaces: frozenset[str]) -> Trace:
    """All that is on the machine of this home's engine, or lives in these network namespaces."""
    there = list(processes.all_pids())
    lines = {pid: " ".join(processes.command_line(pid)) for pid in there}
    own = f"--pidfile={home.pid_file}"
    return Trace(
        processes=[x for x in lines.values() if own in x or f"{home.exec_root}/" in x],
        namespaces=[pid for pid in there if network_namespace(pid) in namespaces],
        mounts=[
            x for x in Path("/proc/self/mountinfo").read_text().splitlines() if mentions(x, home)
        ],
        links=[path.name for path in Path("/sys/class/net").iterdir() if path.name == home.name],
        rules=[x for x in firewall_rules() if home.name in x],
        files=[path.name for path in home.path.iterdir() if path in (home.pid_file, home.run)],
    )


NOTHING = Trace([], [], [], [], [], [])


def mentions(mount: str, home: Home) -> bool:
    """Whether a mountinfo line is about this home."""
    return str(home.path) in mount


def network_namespace(pid: int) -> str:
    """The process's network namespace, "" for one that is gone."""
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def firewall_rules() -> list[str]:
    """Every packet rule of the host."""
    program = "/usr/sbin/iptables-save"
    if not Path(program).exists():
        return []
    done = subprocess.run([program], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def daemon_of(home: Home) -> int:
    """The process id of the running daemon."""
    pid = processes.daemon_pid(home)
    assert pid is not None
    return pid


def test_two_starts_at_once_make_one_engine_and_a_third_changes_nothing(home: Home) -> None:
    removal.stop(silent, home)
    first, second = run_command(home, "start"), run_command(home, "start")
    (url, said), (other_url, also_said) = first.communicate(), second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert url == other_url == f"{home.url}\n"
    assert (said + also_said).count("starting the private Docker Engine") == 1
    pid = daemon_of(home)
    third = run_command(home, "start")
    assert third.communicate() == (url, "the private Docker Engine is already running\n")
    assert daemon_of(home) == pid
    assert os.getsid(pid) == pid  # it outlives the terminal it was started from


def test_status_tells_a_modern_engine(engine: docker.DockerClient, home: Home) -> None:
    status = run_command(home, "status")
    lines = dict(line.split(maxsplit=1) for line in status.communicate()[0].splitlines())
    assert status.returncode == 0
    assert lines["state"] == "running"
    assert lines["socket"] == home.url
    assert int(lines["version"].split(".")[0]) >= 28
    assert lines["version"] == engine.version()["Version"]


@contextmanager
def network(engine: docker.DockerClient, subnets: list[str], **options: str) -> Iterator[str]:
    """A network with IPv6 on those subnets, removed afterwards."""
    pools = [docker.types.IPAMPool(subnet=subnet) for subnet in subnets]
    ipam = docker.types.IPAMConfig(pool_configs=pools)
    made = engine.networks.create("lan", enable_ipv6=True, options=options, ipam=ipam)
    try:
        made.reload()
        assert [config["Subnet"] for config in made.attrs["IPAM"]["Config"]] == subnets
        yield "lan"
    finally:
        made.remove()


def addresses(engine: docker.DockerClient, lan: str) -> tuple[set[str], str]:
    """Every IPv4 address a container there has, and its interfaces' IPv6 ones (proc_net(5))."""
    script = f"{READ_ALL} </proc/net/fib_trie; {READ_ALL} </proc/net/if_inet6"
    said = engine.containers.run(IMAGE, ["/bin/dash", "-c", script], network=lan, remove=True)
    return set(re.findall(r"\|-- ([0-9.]+)", said.decode())), said.decode()


def test_an_ipv6_only_network_has_no_ipv4(engine: docker.DockerClient) -> None:
    options = {"com.docker.network.enable_ipv4": "false"}
    with network(engine, ["fd00:6::/64"], **options) as lan:
        ipv4, ipv6 = addresses(engine, lan)
    assert ipv4
    assert all(address.startswith("127.") for address in ipv4)
    assert re.search(r"^fd000006\w+ .* eth0$", ipv6, re.MULTILINE)


def test_a_dual_network_has_both(engine: docker.DockerClient, home: Home) -> None:
    with network(engine, ["192.0.2.0/24", "fd00:46::/64"]) as lan:
        ipv4, ipv6 = addresses(engine, lan)
        forwarding = inside(home, "cat", "/proc/sys/net/ipv6/conf/all/forwarding")
    assert "192.0.2.2" in ipv4
    assert re.search(r"^fd000046\w+ .* eth0$", ipv6, re.MULTILINE)
    assert forwarding == "1\n"


def inside(home: Home, *command: str) -> str:
    """What the command says in the engine's network namespace."""
    enter = ["nsenter", f"--net=/proc/{daemon_of(home)}/ns/net"]
    return subprocess.run([*enter, *command], check=True, capture_output=True, text=True).stdout


def test_the_engine_knows_the_way_out(engine: docker.DockerClient, home: Home) -> None:
    """Its namespace leads to the host by a link of the uplink's MTU, and the host lets it out."""
    assert f"dev {link.INSIDE} " in inside(home, "ip", "route", "get", "198.51.100.1")
    assert len([rule for rule in firewall_rules() if home.name in rule]) == 3
    mtu = Path(f"/sys/class/net/{home.name}/mtu").read_text()
    assert int(mtu) == link.uplink_mtu()
    bridge = engine.networks.get("bridge").attrs["Options"]["com.docker.network.driver.mtu"]
    assert int(bridge) == int(mtu)


def test_a_users_file_can_be_mounted(engine: docker.DockerClient, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("from the host\n")
    said = engine.containers.run(
        IMAGE,
        ["/bin/dash", "-c", f"{READ_ALL} </mine/note"],
        volumes={str(tmp_path): {"bind": "/mine", "mode": "ro"}},
        remove=True,
    )
    assert said == b"from the host\n"


def holding(engine: docker.DockerClient) -> int:
    """Start a container that holds until its input ends; the process id of its program."""
    container = engine.containers.run(
        IMAGE, ["/bin/dash", "-c", "read -r _"], stdin_open=True, init=True, detach=True
    )
    container.reload()
    return int(container.attrs["State"]["Pid"])


def test_a_stopped_engine_leaves_nothing(engine: docker.DockerClient, home: Home) -> None:
    pids = [daemon_of(home), holding(engine)]
    namespaces = frozenset(network_namespace(pid) for pid in pids)
    before = traces(home, namespaces)
    assert len(before.processes) == 3  # dockerd, containerd, a shim
    assert set(pids) <= set(before.namespaces)
    assert before.links == [home.name]
    assert removal.stop(silent, home) is True
    assert traces(home, namespaces) == NOTHING
    assert removal.stop(silent, home) is False


def test_after_a_killed_daemon_the_next_start_clears_and_works(
    engine: docker.DockerClient, home: Home
) -> None:
    pids = [daemon_of(home), holding(engine)]
    namespaces = frozenset(network_namespace(pid) for pid in pids)
    processes.end(pids[0], lambda: True, 0)
    assert network_namespace(pids[1]) in namespaces  # the container outlived its daemon
    assert daemon.endpoint(home) is None
    assert home.socket.exists()
    daemon.start(silent, home)
    # By pid: the kernel may give the new engine's namespace the number of the old one's.
    assert not any(network_namespace(pid) in namespaces for pid in pids)
    assert engine.containers.list() == []
    assert removal.stop(silent, home) is True
    assert traces(home, namespaces) == NOTHING


def test_a_killed_daemon_is_cleared_by_stop(engine: docker.DockerClient, home: Home) -> None:
    pids = [daemon_of(home), holding(engine)]
    namespaces = frozenset(network_namespace(pid) for pid in pids)
    processes.end(pids[0], lambda: True, 0)
    assert removal.stop(silent, home) is False
    assert traces(home, namespaces) == NOTHING


def test_a_pid_file_that_names_another_process_is_no_obstacle(home: Home) -> None:
    removal.stop(silent, home)
    home.pid_file.write_text(str(os.getpid()))
    daemon.start(silent, home)
    assert home.pid_file.read_text() == str(daemon_of(home))


def test_a_daemon_that_fails_shows_its_last_words_and_leaves_nothing(home: Home) -> None:
    broken = Home(home.path.with_name("broken"))
    broken.data.mkdir(parents=True)
    (broken.data / "containers").touch()  # dockerd needs a folder there
    broken.tree.symlink_to(home.tree)
    try:
        with pytest.raises(PrivateEngineError, match="engine ended") as raised:
            daemon.start(silent, broken)
        assert "containers: not a directory" in raised.value.what
        assert str(broken.log) in raised.value.help
        assert traces(broken, frozenset()) == NOTHING
    finally:
        (broken.data / "containers").unlink()
        removal.remove(silent, broken)
    assert not broken.path.exists()
    assert (home.tree / "usr/sbin/dockerd").exists()  # a borrowed tree is given back whole


def test_an_unusable_home_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PrivateEngineError, match="starting the private engine failed"):
        daemon.start(silent, Home(tmp_path / "file"))


def test_a_start_interrupted_at_the_terminal_can_be_repeated(home: Home) -> None:
    removal.stop(silent, home)
    interrupted = run_command(home, "start")
    assert interrupted.stderr is not None
    assert interrupted.stderr.readline() == "starting the private Docker Engine\n"
    interrupted.send_signal(signal.SIGINT)
    interrupted.communicate()
    again = run_command(home, "start")
    assert again.communicate()[0] == f"{home.url}\n"
    assert removal.stop(silent, home) is True
    assert traces(home, frozenset()) == NOTHING
