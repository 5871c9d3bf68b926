"""Finds and starts the private engine.

Law: every change is made under the home's lock, and whatever an earlier, interrupted start left
is cleared before the next. A start that fails leaves nothing behind but its log.
"""

import grp
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from . import answer, entry, firewall, link, machine, processes, removal, rootfs
from .errors import PrivateEngineError, told
from .home import Home, chosen
from .lock import locked

Report = Callable[[str], None]

START_DEADLINE = 90.0  # seconds; a first start on a slow disk takes ten
RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def endpoint(home: Home | None = None) -> str | None:
    """The URL of the private engine's socket if it answers now, else None."""
    there = home or chosen()
    return there.url if answer.answers(there.socket) else None


def start(report: Report, home: Home | None = None) -> str:
    """Make the engine if it is not made, start it if it does not run; the URL of its socket.

    Raises PrivateEngineError, the end of the daemon's log in it.
    """
    there = home or chosen()
    if (url := endpoint(there)) is not None:
        return url
    if (reason := machine.possible()) is not None:
        raise PrivateEngineError(f"the private engine cannot be started here: {reason}")
    with told("starting"), locked(there, report):
        if not found(there):
            make(there, report)
            removal.clear(there)
            with undone_on_failure(there):
                launch(there, report)
                confirm(there)
    return there.url


def found(home: Home) -> bool:
    """Whether a daemon is there and answers; the end of one that is ending is waited for.

    Raises PrivateEngineError for one that does neither.
    """
    if (pid := processes.daemon_pid(home)) is None:
        return False
    if answer.answers(home.socket, START_DEADLINE):
        return True
    if not processes.ends(pid, removal.STOP_GRACE):
        raise failure(home, "runs and does not answer")
    return False


@contextmanager
def undone_on_failure(home: Home) -> Iterator[None]:
    """End the daemon, or what was to become it, if its start fails or is interrupted."""
    try:
        yield
    except BaseException:
        removal.halt(home)
        raise


def make(home: Home, report: Report) -> None:
    """Make the root tree unless it is there."""
    if rootfs.is_made(home.tree):
        return
    machine.install_missing(report)
    report("making a private Docker Engine from Debian testing (once, about a minute)")
    rootfs.make(home.tree, home.tree_log)


def launch(home: Home, report: Report) -> None:
    """Start the daemon in namespaces of its own; its link is made while it is held."""
    report("starting the private Docker Engine")
    home.run.mkdir(parents=True, exist_ok=True)
    home.data.mkdir(exist_ok=True)
    rootfs.prepare(home.tree, link.reachable_resolver(RESOLVERS))
    wire = link.choose(home.name)
    script = entry.script(home, wire, entry.shared_folders(home, entry.users_folders()))
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("r") as words:
        with theirs, listening(home.socket) as listener, home.log.open("wb") as log:
            command = ["sh", "-c", script, processes.mark(home)]
            spawn(command, stdin=listener.fileno(), stdout=theirs.fileno(), stderr=log.fileno())
        if not (pid := words.readline().strip()):
            raise failure(home, "could not enter namespaces of its own")
        connect(home, wire, int(pid))
        with suppress(BrokenPipeError):  # it ended early: `confirm` says so, with its log
            ours.sendall(b"\n")


def spawn(command: list[str], *, stdin: int, stdout: int, stderr: int) -> None:
    """Run the command in a session and namespaces of its own, as nobody's child."""
    namespaces = ["unshare", "--net", "--mount", "--propagation", "slave"]
    subprocess.run(
        ["setsid", "--fork", *namespaces, *command],
        check=True,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        env=daemon_environment(os.environ),
    )


def daemon_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the daemon is given of the environment: proxies, and nothing by accident."""
    passed = {name: environment[name] for name in PASSED_ON if name in environment}
    return {"PATH": machine.PATH, **passed}


def connect(home: Home, wire: link.Link, pid: int) -> None:
    """Lay the link into the held process's namespace and let its packets out."""
    link.make(wire, pid)
    firewall.add(wire.name, wire.subnet, home.tree)
    firewall.forward([wire.name, *filter(None, [link.uplink()])], home.forwarding_note)


def confirm(home: Home) -> None:
    """Wait until the daemon answers. Raises PrivateEngineError as soon as it has ended."""
    if answer.answers(home.socket, START_DEADLINE):
        return
    ended = processes.daemon_pid(home) is None
    raise failure(home, "ended" if ended else f"did not answer within {START_DEADLINE:.0f} s")


def failure(home: Home, how: str) -> PrivateEngineError:
    """The error that shows the end of the daemon's log."""
    return PrivateEngineError(
        f"the private engine {how}; the last it said:\n{machine.tail(rootfs.read(home.log))}",
        help=f"its whole log is in {home.log}",
    )


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """The daemon's socket, listening before the daemon is there, for group docker if it exists.

    So whoever connects is answered as soon as the daemon is ready, and nobody needs to look twice.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        path.unlink(missing_ok=True)
        try:
            listener.bind(str(path))
        except OSError as error:
            raise PrivateEngineError(
                f"no socket can be made at {path}: {error}",
                help="a socket's path has at most 107 characters: choose a shorter home",
            ) from error
        path.chmod(0o660)
        with suppress(KeyError):
            os.chown(path, -1, grp.getgrnam("docker").gr_gid)
        listener.listen(128)
        yield listener
