"""A copy of the project for a page to be done in, and what the page left on the engine.

Law: the page changes nothing but its copy; what it made on the engine is gone afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.image.recipe import read

ROOT = Path(__file__).parents[2]
_OTHERS = ("PYTHON", "MAKE", "MFLAGS")  # of the interpreter and make that run these tests
_HALF_WRITTEN = "*.pyc.*"  # compiled modules that another test's lab is writing
_LEFT_OUT = (
    ".git", ".venv", ".lab", ".mypy_cache", ".ruff_cache", ".pytest_cache", _HALF_WRITTEN,
)  # fmt: skip


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, and the environment in which its own `lab` is the one that runs."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def copied(cls, folder: Path, **environment: str) -> Checkout:
        """Copy the project there."""
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        (folder / ".venv").symlink_to(Path(sys.prefix))
        for name in ("requirements.lock", "pyproject.toml"):  # make has set .venv up already
            os.utime(folder / name, (0, 0))
        return cls(folder, surroundings(folder, **environment))

    def run(self, *argv: str) -> str:
        """What a program prints; it may fail."""
        done = subprocess.run(
            argv,
            check=False,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return done.stdout.strip()


def surroundings(folder: Path, **environment: str) -> Mapping[str, str]:
    """The environment of a shell in which .venv is activated, and `lab` is that of the folder."""
    here = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    own = {"PATH": path, "PYTHONPATH": str(folder), "LC_ALL": "C.UTF-8"}
    return {**here, **own, "VIRTUAL_ENV_DISABLE_PROMPT": "1", **environment}


@contextmanager
def leaving_nothing(checkout: Checkout, page: Path) -> Iterator[None]:
    """Afterwards, whatever happened: machines down, images gone that the page has made."""
    try:
        yield
    finally:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"^\$ lab up (\S+)", text, re.MULTILINE):
            checkout.run("lab", "down", Path(name.strip("'")).name.replace(".yaml", ""))
        for name in re.findall(r"^\$ docker build .*?-t (\S+)", text, re.MULTILINE):
            checkout.run("docker", "image", "rm", *_derived(checkout, name), name)
        own, made = read(ROOT / "services").tag(), read(checkout.folder / "services").tag()
        if made != own:
            Checkout(ROOT, {**checkout.environment, "PYTHONPATH": str(ROOT)}).run("lab", "build")
            checkout.run("docker", "image", "rm", made)


def _derived(checkout: Checkout, name: str) -> list[str]:
    """The images the lab made of it, to put its holder in."""
    wanted = checkout.run("docker", "image", "inspect", "--format", "{{.Id}}", name)
    made = checkout.run("docker", "image", "ls", "-q", "--filter", "label=lab.image=held").split()
    parents = ["docker", "image", "inspect", "--format", "{{.Parent}}"]
    return [one for one in made if checkout.run(*parents, one) == wanted]
