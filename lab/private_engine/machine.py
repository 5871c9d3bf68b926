"""Whether this machine can have a private engine, and the tools that takes.

Law: decides from what the machine says of itself and installs a missing Debian package; it
knows nothing of trees and daemons.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from .errors import PrivateEngineError

# What must be there -> the Debian package that brings it.
NEEDED = {
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "/usr/share/distro-info/debian.csv": "distro-info-data",
}


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # of root
# Bits of a capability set (capabilities(7)): CAP_NET_ADMIN, CAP_SYS_ADMIN.
RIGHTS = 1 << 12 | 1 << 21


def possible() -> str | None:
    """Why this machine cannot have a private engine, in a sentence; None where it can."""
    if platform.system() != "Linux":
        return f"it needs Linux, and this is {platform.system()}"
    return refusal(
        root=os.geteuid() == 0,
        rights=capabilities(Path("/proc/self/status").read_text()),
        release=platform_release(),
        has_apt=shutil.which("apt-get", path=PATH) is not None,
    )


def refusal(*, root: bool, rights: int, release: Mapping[str, str], has_apt: bool) -> str | None:
    """The reason against a private engine on a Linux machine so described, or None."""
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    if not family & {"debian", "ubuntu"} or not has_apt:
        shown = release.get("PRETTY_NAME") or release.get("ID") or "an unknown distribution"
        return f"it is made from Debian packages on Debian or Ubuntu, and this is {shown}"
    if not root:
        return "it must be started by root"
    if rights & RIGHTS != RIGHTS:
        return "root may make no namespaces and networks here (an unprivileged container?)"
    return None


def capabilities(status: str) -> int:
    """The effective capability set in the text of /proc/PID/status (proc(5)), as bits."""
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields.get("CapEff", "0"), 16)


def platform_release() -> Mapping[str, str]:
    """/etc/os-release as os-release(5) reads it; empty where there is none."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def missing_packages() -> list[str]:
    """The Debian packages to install before a tree can be made and started here."""
    return sorted(package for sign, package in NEEDED.items() if not present(sign))


def present(sign: str) -> bool:
    """Whether a file (an absolute path) or a command of that name is there."""
    return (
        Path(sign).exists() if sign.startswith("/") else shutil.which(sign, path=PATH) is not None
    )


def install_missing(report: Callable[[str], None]) -> None:
    """Install what is missing with apt-get. Raises PrivateEngineError when apt-get fails."""
    packages = missing_packages()
    if not packages:
        return
    report(f"installing {', '.join(packages)}")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-q"], install):
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode:
            raise PrivateEngineError(
                f"`{' '.join(command)}` failed:\n{tail(done.stdout)}",
                help="mend what apt-get complains about, then run the same command again",
            )


def tail(text: str, lines: int = 12) -> str:
    """The last lines of a program's output, indented for a message."""
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines()[-lines:])
