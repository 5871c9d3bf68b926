"""The way into the private engine's namespaces, as a shell script.

Law: pure; it writes the script, in order, and runs nothing. The script holds until its link is
made, builds the file system the daemon sees, and becomes the daemon: one process id throughout.
"""

import shlex
from pathlib import Path

from .home import Home
from .link import Link, inside_commands
from .processes import mark

# Folders of / that belong to the system; all others are the users' and are shared with the
# engine, so that a container may mount what lies in them.
SYSTEM = frozenset(
    {"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found"}
    | {"proc", "run", "sbin", "snap", "sys", "usr", "var"}
)

HOLD = ["echo $$", "read -r _ <&1", "exec 3<&0 </dev/null >&2"]


def users_folders(root: Path = Path("/")) -> list[Path]:
    """The folders of / that the system does not own."""
    folders = (path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted(path for path in folders if path.name not in SYSTEM)


def shared_folders(home: Home, users: list[Path]) -> list[Path]:
    """The host folders the daemon sees at their own paths, outer ones first."""
    modules = [folder for folder in (Path("/lib/modules"),) if folder.is_dir()]
    return [*modules, *users, home.path, home.run]


def script(home: Home, link: Link, shared: list[Path]) -> str:
    """What `sh -c` runs in fresh network and mount namespaces.

    It is given the daemon's listening socket as standard input and a stream socket as standard
    output, on which it says its process id and then waits for a line.
    """
    commands = [*inside_commands(link), *mounts(home.tree, shared)]
    enter = [
        f"cd {shlex.quote(str(home.tree))}",
        "pivot_root . .",
        "umount -l .",
        "cd /",
        f"ln -sf {shlex.quote(str(home.socket))} /run/docker.sock",
        "export LISTEN_PID=$$ LISTEN_FDS=1",
        f"exec {shlex.join(daemon(home, link.mtu))}",
    ]
    return "\n".join(["set -eu", *HOLD, *map(shlex.join, commands), *enter])


def mounts(tree: Path, shared: list[Path]) -> list[list[str]]:
    """The commands that make the tree a root file system. A plain chroot would not do: runc
    remounts /, which must be a mount point."""
    inside = [(folder, tree / folder.relative_to("/")) for folder in shared]
    return [
        ["mount", "--rbind", str(tree), str(tree)],
        ["mount", "-t", "proc", "proc", str(tree / "proc")],
        ["mount", "--rbind", "/dev", str(tree / "dev")],
        ["mount", "-t", "sysfs", "sysfs", str(tree / "sys")],  # of this network namespace
        ["mount", "--rbind", "/sys/fs/cgroup", str(tree / "sys/fs/cgroup")],
        ["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(tree / "run")],
        *(
            command
            for folder, place in inside
            for command in (
                ["mkdir", "-p", str(place)],
                ["mount", "--rbind", str(folder), str(place)],
            )
        ),
    ]


def daemon(home: Home, mtu: int) -> list[str]:
    """The daemon's command line; `mtu` in bytes, for its default bridge."""
    return [
        "/usr/sbin/dockerd",
        "--host=fd://",
        mark(home),
        f"--data-root={home.data}",
        f"--exec-root={home.exec_root}",
        f"--mtu={mtu}",
        "--shutdown-timeout=5",
    ]
