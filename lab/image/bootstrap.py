"""A base image's files made from Debian's packages, where no registry can be reached.

Law: makes a tar file with mmdebstrap, as root on Debian or Ubuntu, or says why not. Docker is
never touched.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from lab.errors import EngineError

SUITE = "trixie"
MIRROR_VARIABLE = "LAB_DEBIAN_MIRROR"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LEFT_OUT = ("doc", "info", "locale", "man")  # below /usr/share
_COMMAND = (
    "mmdebstrap",
    "--variant=minbase",
    # A machine's clock may be ahead of the archive's: signatures still count.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _LEFT_OUT),
    SUITE,
)
REFERENCE = f"socketlab/base:{SUITE}-{sha256(chr(0).join(_COMMAND).encode()).hexdigest()[:12]}"


def refusal() -> str | None:
    """Why no base can be made on this machine, in a few words; None where it can."""
    if platform.system() != "Linux" or not shutil.which("apt-get"):
        return "this machine is neither Debian nor Ubuntu"
    if os.geteuid() != 0:
        return "only root can make one"
    return None


def make(tar: Path, report: Callable[[str], None]) -> None:
    """Write the base's files to `tar` (80 MB, half a minute). Raises EngineError."""
    missing = _missing()
    if missing:
        report(f"installing {' and '.join(missing)} with apt-get")
        _run(["apt-get", "update", "-q"])
        _run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing])
    report("making the base image from Debian's packages")
    mirror = os.environ.get(MIRROR_VARIABLE)
    _run([*_COMMAND, str(tar), *([mirror] if mirror else [])])


def _missing() -> list[str]:
    needed = {
        "mmdebstrap": shutil.which("mmdebstrap") is not None,
        "debian-archive-keyring": _KEYRING.exists(),  # Ubuntu has only its own
    }
    return [package for package, present in needed.items() if not present]


def _run(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> None:
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**environment, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        last = "\n".join(f"  {line}" for line in done.stdout.rstrip().splitlines()[-12:])
        raise EngineError(
            f"`{command[0]}` could not make a base image:\n{last}",
            help=f"packages come from Debian's mirrors, or from the one {MIRROR_VARIABLE} names",
        )
