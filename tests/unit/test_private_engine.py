"""What the private engine decides, without root, without an engine."""

import fcntl
import os
import socket
import subprocess
import sys
import threading
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from lab.errors import ExitStatus
from lab.private_engine import (
    answer,
    daemon,
    endpoint,
    entry,
    firewall,
    link,
    lock,
    machine,
    no_engine,
    processes,
    removal,
    rootfs,
)
from lab.private_engine.__main__ import main
from lab.private_engine.errors import PrivateEngineError
from lab.private_engine.home import HOME_VARIABLE, Home, chosen

DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 13 (trixie)"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}
FEDORA = {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 43"}
HOME = Home(Path("/var/lib/socketlab/engine"))


def silent(line: str) -> None:
    """Report to nobody."""


# home


def test_the_default_home_has_its_socket_below_run() -> None:
    assert chosen({}).url == "unix:///run/socketlab/engine/docker.sock"


def test_a_home_elsewhere_holds_its_socket_itself() -> None:
    assert chosen({HOME_VARIABLE: "/srv/e"}).socket == Path("/srv/e/run/docker.sock")


def test_an_empty_variable_is_no_choice() -> None:
    assert chosen({HOME_VARIABLE: ""}) == HOME


def test_two_homes_never_share_a_link_name_and_it_fits_an_interface() -> None:
    names = {Home(Path(f"/srv/{number}")).name for number in range(100)}
    assert len(names) == 100
    assert all(len(name) < 16 for name in names)


# machine


@pytest.mark.parametrize(
    ("root", "rights", "release", "has_apt", "word"),
    [
        (True, machine.RIGHTS, DEBIAN, True, None),
        (True, machine.RIGHTS, MINT, True, None),
        (False, 0, DEBIAN, True, "root"),
        (True, 0, DEBIAN, True, "unprivileged container"),
        (True, 1 << 21, DEBIAN, True, "unprivileged container"),
        (True, machine.RIGHTS, FEDORA, False, "Fedora Linux 43"),
        (True, machine.RIGHTS, {}, True, "an unknown distribution"),
        (True, machine.RIGHTS, DEBIAN, False, "Debian packages"),
    ],
)
def test_the_machine_is_refused_for_a_reason(
    root: bool, rights: int, release: dict[str, str], has_apt: bool, word: str | None
) -> None:
    reason = machine.refusal(root=root, rights=rights, release=release, has_apt=has_apt)
    assert reason is None if word is None else word in (reason or "")


def test_another_system_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert machine.possible() == "it needs Linux, and this is Darwin"


def test_capabilities_are_the_effective_ones() -> None:
    assert machine.capabilities("Name:\tx:y\nCapPrm:\tff\nCapEff:\t0000000000201000\n") == (
        machine.RIGHTS
    )


def test_what_is_missing_is_named_by_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needed = {"sh": "dash", "no-such-command-here": "b", str(tmp_path / "none"): "a"}
    monkeypatch.setattr(machine, "NEEDED", needed)
    assert machine.missing_packages() == ["a", "b"]


def test_the_message_without_any_engine_says_why_and_how_to_get_one() -> None:
    error = no_engine("it must be started by root")
    assert error.what.endswith("it must be started by root")
    for word in ("Docker Desktop", "apt-get install docker.io", "systemctl start", "usermod -aG"):
        assert word in error.help


# link


def test_the_link_takes_the_first_subnet_nothing_overlaps() -> None:
    taken = [IPv4Network("10.213.77.0/30"), IPv4Network("10.213.77.6/32")]
    assert link.free_subnet(taken) == IPv4Network("10.213.77.8/30")


def test_a_route_to_all_of_one_pool_leads_to_the_next() -> None:
    assert link.free_subnet([IPv4Network("10.0.0.0/8")]).overlaps(link.CANDIDATES[1])


def test_no_free_subnet_is_said() -> None:
    with pytest.raises(PrivateEngineError, match=r"10\.213\.77\.0/24 and 100\.127\.77\.0/24"):
        link.free_subnet([IPv4Network("0.0.0.0/0")])


def test_routes_are_networks_but_for_the_default() -> None:
    routes = [{"dst": "default"}, {"dst": "192.0.2.0/24"}, {"dst": "192.0.2.7"}]
    assert link.networks(routes) == [IPv4Network("192.0.2.0/24"), IPv4Network("192.0.2.7/32")]


def test_name_servers_are_read_as_the_resolver_reads_them() -> None:
    text = "# nameserver 192.0.2.1\nsearch x\nnameserver\t192.0.2.2\nnameserver fe80::1%eth0\n"
    assert link.nameservers(text) == ["192.0.2.2", "fe80::1"]


def test_a_resolver_on_loopback_is_passed_over(tmp_path: Path) -> None:
    stub, real = tmp_path / "stub", tmp_path / "real"
    stub.write_text("nameserver 127.0.0.53\n")
    real.write_text("nameserver 192.0.2.53\n")
    assert link.reachable_resolver([tmp_path / "none", stub, real]) == real.read_text()
    assert link.reachable_resolver([stub]) == ""


def test_the_two_ends_of_the_link_are_in_its_subnet() -> None:
    wire = link.Link("slab1", IPv4Network("192.0.2.4/30"), 1400)
    assert (str(wire.host_address), str(wire.engine_address)) == ("192.0.2.5", "192.0.2.6")
    assert ["ip", "route", "add", "default", "via", "192.0.2.5"] in link.inside_commands(wire)


# firewall


def test_every_rule_carries_the_comment_it_is_found_by() -> None:
    rules = firewall.rules("slab1", IPv4Network("192.0.2.4/30"))
    listing = "\n".join(f"-A {rule.chain} {' '.join(rule.words)}" for rule in rules)
    assert len(firewall.marked(listing, "slab1")) == len(rules) == 3


def test_the_rules_of_others_are_not_found() -> None:
    listing = (
        "-P FORWARD DROP\n"
        '-A FORWARD -i docker0 -m comment --comment "not socketlab:slab1" -j ACCEPT\n'
        "-A FORWARD -i slab2 -m comment --comment socketlab:slab2 -j ACCEPT\n"
        '-A FORWARD -i slab1 -m comment --comment "socketlab:slab1" -j ACCEPT\n'
    )
    comment = ["-m", "comment", "--comment", "socketlab:slab1"]
    assert firewall.marked(listing, "slab1") == [
        ["FORWARD", "-i", "slab1", *comment, "-j", "ACCEPT"]
    ]


def forwarding_tree(root: Path, switches: dict[str, str]) -> None:
    """Lay out /proc/sys/net/ipv4 below `root`."""
    for name, value in switches.items():
        switch = root / name
        switch.parent.mkdir(parents=True, exist_ok=True)
        switch.write_text(value)


@pytest.mark.parametrize(("global_switch", "after"), [("0\n", "0"), ("1\n", "1")])
def test_forwarding_is_undone_unless_someone_else_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, global_switch: str, after: str
) -> None:
    monkeypatch.setattr(firewall, "FORWARDING", str(tmp_path))
    switches = {"conf/up0/forwarding": "0\n", "conf/slab1/forwarding": "1\n"}
    forwarding_tree(tmp_path, {"ip_forward": "0\n", **switches})
    firewall.forward(["slab1", "up0"], tmp_path / "note")
    assert (tmp_path / "conf/up0/forwarding").read_text() == "1"
    (tmp_path / "ip_forward").write_text(global_switch)
    firewall.unforward(tmp_path / "note")
    assert (tmp_path / "conf/up0/forwarding").read_text() == after
    assert (tmp_path / "conf/slab1/forwarding").read_text() == "1\n"


def test_forwarding_never_changed_needs_no_undoing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firewall, "FORWARDING", str(tmp_path))
    forwarding_tree(tmp_path, {"ip_forward": "0\n"})
    firewall.unforward(tmp_path / "note")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ip_forward"]


# entry


def test_system_folders_are_not_the_users(tmp_path: Path) -> None:
    for name in ("etc", "usr", "home", "work", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin").symlink_to("usr")
    (tmp_path / "data").symlink_to("home")
    (tmp_path / "file").touch()
    assert [path.name for path in entry.users_folders(tmp_path)] == ["home", "tmp", "work"]


def test_the_script_holds_before_it_does_anything_and_ends_as_the_daemon() -> None:
    wire = link.Link("slab1", IPv4Network("192.0.2.4/30"), 1400)
    lines = entry.script(HOME, wire, [Path("/home"), HOME.path, HOME.run]).splitlines()
    assert lines[:3] == ["set -eu", "echo $$", "read -r _ <&1"]
    assert lines[-1].startswith("exec /usr/sbin/dockerd ")
    assert "--mtu=1400" in lines[-1]
    assert lines.index("pivot_root . .") > max(
        number for number, line in enumerate(lines) if line.startswith("mount ")
    )


def test_the_script_is_a_script_for_any_path() -> None:
    home = Home(Path("/srv/a b/it's; here $(false)"))
    wire = link.Link("slab1", IPv4Network("192.0.2.4/30"), 1400)
    text = entry.script(home, wire, [home.path, home.run])
    checked = subprocess.run(["sh", "-n", "-c", text], capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert "cd '/srv/a b/it'\"'\"'s; here $(false)/root'" in text


def test_a_starter_that_dies_ends_the_held_script() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        held = subprocess.Popen(
            ["sh", "-c", "\n".join(["set -eu", *entry.HOLD, "echo entered"])],
            stdin=subprocess.DEVNULL,
            stdout=theirs.fileno(),
            stderr=subprocess.PIPE,
        )
        theirs.close()
        with ours.makefile("r") as words:
            assert int(words.readline()) == held.pid
        ours.close()
        _, said = held.communicate(timeout=10)
    assert held.returncode != 0
    assert said == b""


# rootfs


def test_a_tree_of_another_recipe_is_not_made(tmp_path: Path) -> None:
    recipe = tmp_path / rootfs.RECIPE_FILE
    recipe.parent.mkdir()
    assert not rootfs.is_made(tmp_path)
    recipe.write_text("\n".join(rootfs.recipe()))
    assert rootfs.is_made(tmp_path)
    recipe.write_text("another")
    assert not rootfs.is_made(tmp_path)


def bootstrap(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a stand-in for mmdebstrap first on the PATH; "$4" is its SUITE, "$5" its target."""
    program = folder / "mmdebstrap"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_tree_appears_whole_and_replaces_an_unfinished_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap(tmp_path, monkeypatch, 'test ! -e "$5" && mkdir -p "$5/etc" && echo "$@"')
    tree, log = tmp_path / "root", tmp_path / "log"
    (tmp_path / "root.unfinished/etc").mkdir(parents=True)
    (tree / "old").mkdir(parents=True)
    rootfs.make(tree, log, {rootfs.MIRROR_VARIABLE: "file:/mirror"})
    assert rootfs.is_made(tree)
    assert not (tree / "old").exists()
    assert not (tmp_path / "root.unfinished").exists()
    assert log.read_text().endswith("root.unfinished file:/mirror\n")


def test_a_failed_bootstrap_shows_its_last_words_and_keeps_the_old_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap(tmp_path, monkeypatch, 'mkdir -p "$5"; echo "E: no space" >&2; exit 1')
    tree = tmp_path / "root"
    (tree / "old").mkdir(parents=True)
    with pytest.raises(PrivateEngineError, match="E: no space"):
        rootfs.make(tree, tmp_path / "log", {})
    assert (tree / "old").exists()
    assert not (tmp_path / "root.unfinished").exists()


def test_a_linked_tree_is_only_unlinked(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    rootfs.remove(tmp_path / "link")
    assert (tmp_path / "tree").is_dir()
    assert not (tmp_path / "link").is_symlink()


# processes


def test_only_the_daemon_of_this_home_is_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {
        1: ["/usr/sbin/dockerd"],
        2: ["/usr/sbin/dockerd", "--pidfile=/srv/other/dockerd.pid"],
        3: ["grep", f"--pidfile={HOME.pid_file}"],
        4: entry.daemon(HOME, 1500),
        5: [],
        6: ["unshare", "--net", "sh", "-c", "exec dockerd", processes.mark(HOME)],
    }
    monkeypatch.setattr(processes, "command_line", lines.__getitem__)
    assert [pid for pid in lines if processes.is_daemon(HOME, pid)] == [4, 6]


def test_only_shims_of_this_home_are_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{HOME.exec_root}/containerd/containerd.sock"
    lines = {
        1: ["/usr/bin/containerd-shim-runc-v2", "-address", address],
        2: ["containerd", "--config", f"{HOME.exec_root}/containerd/containerd.toml"],
        3: ["containerd", "--config", "/var/run/docker/containerd/containerd.toml"],
        4: ["tail", "-f", address],
        5: [],
    }
    monkeypatch.setattr(processes, "command_line", lines.__getitem__)
    assert [pid for pid in lines if processes.is_part(HOME, pid)] == [1, 2]


def test_a_process_that_is_not_the_one_meant_is_left_alone() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as bystander:
        processes.end(bystander.pid, lambda: False, 0)
        assert bystander.poll() is None
        assert bystander.stdin is not None
        bystander.stdin.close()
        assert bystander.wait(10) == 0


def test_a_process_that_ignores_the_request_is_killed() -> None:
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        processes.end(process.pid, lambda: True, 0.01)
        assert process.wait(10) == -9


def test_children_are_found() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"started\n")
        child.stdin.flush()
        child.stdout.readline()
        assert processes.is_child(child.pid, os.getpid())
        assert processes.command_line(child.pid) == ["cat"]
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert processes.command_line(child.pid) == []  # a zombie has none


# answer and daemon


def serve(path: Path, reply: bytes) -> socket.socket:
    """Answer one connection at `path` with `reply`, in a thread that ends by itself."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def answer_one() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(reply)

    threading.Thread(target=answer_one, daemon=True).start()
    return listener


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
TEAPOT = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
VERSION = b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"Version":"28.5.2"}'


@pytest.mark.parametrize(
    ("reply", "expected"), [(OK, True), (TEAPOT, False), (b"", False), (b"what?\r\n\r\n", False)]
)
def test_only_a_good_answer_is_an_answer(tmp_path: Path, reply: bytes, expected: bool) -> None:
    with serve(tmp_path / "s", reply):
        assert answer.answers(tmp_path / "s") is expected


def test_a_version_is_read(tmp_path: Path) -> None:
    with serve(tmp_path / "s", VERSION):
        assert answer.version(tmp_path / "s") == "28.5.2"


def test_there_is_an_endpoint_only_where_one_answers(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert endpoint(home) is None
    home.run.mkdir()
    with serve(home.socket, OK):
        assert endpoint(home) == home.url
    assert endpoint(home) is None  # the socket is still there, nobody listens


def test_a_running_engine_needs_no_start(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run.mkdir()
    with serve(home.socket, OK):
        assert daemon.start(pytest.fail, home) == home.url


def test_where_it_cannot_be_it_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "possible", lambda: "it needs a good reason")
    with pytest.raises(PrivateEngineError, match="it needs a good reason"):
        daemon.start(pytest.fail, Home(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_socket_path_too_long_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(PrivateEngineError, match="no socket can be made") as raised,
        daemon.listening(tmp_path / ("x" * 108)),
    ):
        pass
    assert "shorter home" in raised.value.help


def test_a_socket_left_behind_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with daemon.listening(path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        assert path.stat().st_mode & 0o777 == 0o660


def test_of_the_environment_the_daemon_gets_proxies_only() -> None:
    given = {"https_proxy": "http://192.0.2.9:3128", "SECRET": "x", "PATH": "/tmp"}
    assert daemon.daemon_environment(given) == {
        "PATH": machine.PATH,
        "https_proxy": "http://192.0.2.9:3128",
    }


# lock


def test_who_must_wait_for_the_lock_is_told(tmp_path: Path) -> None:
    home, said = Home(tmp_path / "home"), threading.Event()
    entered = threading.Event()

    def second() -> None:
        with lock.locked(home, lambda _: said.set()):
            entered.set()

    with lock.locked(home, pytest.fail):
        waiter = threading.Thread(target=second)
        waiter.start()
        assert said.wait(10)
        assert not entered.is_set()
    waiter.join(10)
    assert entered.is_set()


def test_a_lock_whose_home_was_removed_is_taken_anew(tmp_path: Path) -> None:
    home, said = Home(tmp_path / "home"), threading.Event()
    waiter = threading.Thread(target=lambda: hold_once(home, said))
    with lock.locked(home, pytest.fail):
        waiter.start()
        assert said.wait(10)
        home.lock.unlink()
        home.path.rmdir()
    waiter.join(10)
    with home.lock.open() as current:  # made again by the waiter, and free by now
        fcntl.flock(current, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold_once(home: Home, said: threading.Event) -> None:
    """Take the lock, saying when it must be waited for, and let it go."""
    with lock.locked(home, lambda _: said.set()):
        assert home.lock.exists()


# removal and the command


def test_stopping_what_was_never_made_makes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert removal.stop(pytest.fail, home) is False
    removal.remove(pytest.fail, home)
    assert not home.path.exists()


def test_who_is_not_root_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PrivateEngineError, match="only be stopped by root"):
        removal.stop(silent, Home(tmp_path))
    with pytest.raises(PrivateEngineError, match="only be removed by root"):
        removal.remove(silent, Home(tmp_path))


@pytest.mark.parametrize("arguments", [[], ["begin"], ["start", "now"]])
def test_a_wrong_command_line_shows_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == ExitStatus.BAD_INPUT
    assert capsys.readouterr().err.startswith("usage: python3 -m lab.private_engine ")


def test_the_status_of_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert main(["status"]) == ExitStatus.ERROR
    assert capsys.readouterr().out.splitlines()[:3] == [
        "state    not made",
        "version  -",
        f"socket   unix://{tmp_path}/run/docker.sock",
    ]


def test_an_error_is_two_lines_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(machine, "possible", lambda: "it needs a good reason")
    assert main(["start"]) == ExitStatus.ERROR
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "error: the private engine cannot be started here: it needs a good reason\n"
    )
