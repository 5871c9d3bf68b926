"""The lab installed from its wheel into a fresh environment, at work in another project."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from tests.docs.checkout import Checkout

pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
OWN_TEST = """\
import lab

def test_where_it_comes_from():
    assert {where!r} in lab.__file__

def test_own(lab_scenario):
    scenario = lab_scenario("mine", steps=False)
    assert scenario.node("listener").run("cat", "/etc/hostname").status == 0
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the lab in it and nothing of this checkout."""

    folder: Path

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """A command of that environment, as in a shell that has activated it."""
        bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        return subprocess.run(
            command,
            check=False,
            cwd=cwd,
            env={**bare, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What the lab needs is not fetched once more: the packages of this environment are seen."""
    folder = tmp_path_factory.mktemp("wheel")
    source = Checkout.copied(folder / "source").folder  # where building may leave things
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "-w", str(folder), str(source)], check=True, cwd=folder
    )
    [wheel] = folder.glob("socketlab-*.whl")
    made = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    python = str(made / "bin" / "python")
    subprocess.run(
        [*pip, "--python", python, "install", "--no-deps", str(wheel)], check=True, cwd=folder
    )
    [packages] = made.glob("lib/python*/site-packages")
    (packages / "theirs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(made)


def test_pytest_and_lab_in_another_project(
    installed: Installed, engine: DockerEngine, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "services").symlink_to(ROOT / "services")
    mine = tmp_path / "scenarios" / "mine.yaml"
    mine.write_text((ROOT / "scenarios" / "udp-ipv6-only.yaml").read_text())
    (tmp_path / "test_own.py").write_text(OWN_TEST.format(where=str(installed.folder)))
    words = ["scenarios", "test_own.py", "-v", "--lab-engine", engine.url]
    told = installed.run("python", "-m", "pytest", *words, cwd=tmp_path)
    assert (told.returncode, "3 passed" in told.stdout) == (0, True), told.stdout
    assert "scenarios/mine.yaml::mine PASSED" in told.stdout
    ran = installed.run("lab", "run", "mine", "--engine", engine.url, cwd=tmp_path)
    assert (ran.returncode, "PASS  mine" in ran.stdout) == (0, True), ran.stdout
    assert len(list((tmp_path / ".lab" / "runs").iterdir())) == 3  # both, and .gitignore
