"""What the emulated machine is made of: Debian's QEMU, kernel and Python, in a folder of their own.

Law: nothing is installed. A tree is whole or absent. `python -m tests.kernel.tree` makes it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUITE = "trixie"
PACKAGES = ("libpython3-stdlib", "linux-image-cloud-amd64", "python3-minimal", "qemu-system-x86")
TREE = Path(__file__).parents[2] / ".lab/kernel/tree"
MIRROR_VARIABLE = "LAB_DEBIAN_MIRROR"


def missing() -> str:
    """Why there is no emulated machine here; empty: there is one."""
    return "" if TREE.is_dir() else "no emulated machine is here yet: make kernel-tests"


def make() -> int:
    """Make it, where it is not there; the exit status."""
    if TREE.is_dir():
        return 0
    if shutil.which("mmdebstrap") is None:
        print("the emulated machine is made by mmdebstrap: apt-get install mmdebstrap")
        return 1
    unfinished = TREE.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unchecked = '--aptopt=Acquire::Check-Valid-Until "false"'  # a clock may be wrong
    command = ["mmdebstrap", "--quiet", "--variant=extract", unchecked]
    command += [f"--include={','.join(PACKAGES)}", SUITE, str(unfinished)]
    command += filter(None, [os.environ.get(MIRROR_VARIABLE)])
    done = subprocess.run(command, check=False)
    if not done.returncode:
        unfinished.rename(TREE)
    return done.returncode


if __name__ == "__main__":
    sys.exit(make())
