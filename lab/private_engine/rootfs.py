"""The root tree of Debian testing the private engine runs from.

Law: a tree is whole or absent: it is made beside its place and renamed into it. It carries the
recipe it was made by, and one made by another recipe is made anew.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .errors import PrivateEngineError
from .machine import tail

SUITE = "forky"  # Debian testing: Engine 28.5 and later
PACKAGES = (
    "ca-certificates",
    "docker-buildx",
    "docker-cli",
    "docker-compose",
    "docker.io",
    "fuse-overlayfs",  # the storage driver where overlay2 cannot be (a home on an overlay)
    "iproute2",
    "iptables",
    "kmod",
    "procps",
)
MIRROR_VARIABLE = "LAB_DEBIAN_MIRROR"
RECIPE_FILE = "etc/socketlab-recipe"


def recipe() -> list[str]:
    """mmdebstrap's arguments but for target and mirror: what the tree is."""
    # A machine's clock may be behind or ahead of the archive's: signatures still count.
    unchecked = 'Acquire::Check-Valid-Until "false"'
    return ["--variant=minbase", f"--aptopt={unchecked}", f"--include={','.join(PACKAGES)}", SUITE]


def is_made(tree: Path) -> bool:
    """Whether the tree is there and is the one today's recipe makes."""
    try:
        return (tree / RECIPE_FILE).read_text() == "\n".join(recipe())
    except OSError:
        return False


def make(tree: Path, log: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Make the tree with mmdebstrap (root, about a minute), replacing any other.

    Raises PrivateEngineError with the end of mmdebstrap's output, all of which goes to `log`.
    """
    clear_unfinished(tree)
    unfinished = tree.with_name(f"{tree.name}.unfinished")
    mirror = [environment[MIRROR_VARIABLE]] if environment.get(MIRROR_VARIABLE) else []
    command = ["mmdebstrap", *recipe(), str(unfinished), *mirror]
    try:
        with log.open("wb") as output:
            done = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        if done.returncode:
            raise PrivateEngineError(
                f"mmdebstrap could not make the engine's root tree:\n{tail(read(log))}",
                help=f"the whole output is in {log}; packages come from Debian's mirrors, "
                f"or from the one that {MIRROR_VARIABLE} names",
            )
        (unfinished / RECIPE_FILE).write_text("\n".join(recipe()))
        remove(tree)
        unfinished.rename(tree)
    finally:
        clear_unfinished(tree)


def clear_unfinished(tree: Path) -> None:
    """Remove what an interrupted make left."""
    remove(tree.with_name(f"{tree.name}.unfinished"))


def remove(folder: Path) -> None:
    """Remove a tree and never what happens to be mounted in it; a link is only unlinked."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


def prepare(tree: Path, resolver: str) -> None:
    """Give the tree what names and certificates the host has, for the daemon and its builds."""
    replace(tree / "etc/resolv.conf", resolver)
    for source in (Path("/etc/hosts"), Path("/etc/ssl/certs/ca-certificates.crt")):
        if source.exists():
            shutil.copyfile(source, tree / source.relative_to("/"))


def replace(path: Path, text: str) -> None:
    """Write a file in place of whatever was there, a link included."""
    path.unlink(missing_ok=True)
    path.write_text(text)


def read(path: Path) -> str:
    """A log as text, whatever bytes are in it; empty if it is not there."""
    return path.read_text(errors="replace") if path.exists() else ""
