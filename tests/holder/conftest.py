"""The holder to test: compiled here, or where there is no compiler, out of the lab's image."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import frames
from tests.holder.session import Session

SOURCE = Path(__file__).parents[2] / "lab" / "holder" / "holder.c"
EARLY_EIO = (str(Path(__file__).with_name("early_eio.c")), "-Wl,--wrap=read")
FLAGS = ("-std=c11", "-O2", "-static", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A holder's program file."""
    made = tmp_path_factory.mktemp("holder") / "holder"
    if shutil.which("gcc"):
        compile_it(made)
    else:
        take_from_image(made)
    return made


def compile_it(made: Path, *more: str) -> None:
    """A holder from its source, with more files and flags."""
    subprocess.run(["gcc", *FLAGS, str(SOURCE), *more, "-o", str(made)], check=True)


def take_from_image(made: Path) -> None:
    """The holder of the image `lab build` made."""
    docker = shutil.which("docker")
    if docker is None:
        pytest.fail("the holder's tests need gcc (apt-get install gcc libc6-dev), or docker")
    name = f"lab-test-holder-{made.parent.name}"
    create = [docker, "create", "--name", name, "socketlab/lab:local"]
    if subprocess.run(create, check=False, capture_output=True).returncode:
        pytest.fail("the holder's tests need gcc, or the lab's image: run `make images`")
    try:
        subprocess.run([docker, "cp", f"{name}:/.lab/holder", str(made)], check=True)
    finally:
        subprocess.run([docker, "rm", name], check=True, capture_output=True)


@pytest.fixture
def node(holder: Path) -> Iterator[Session]:
    """A holder that is up and held."""
    with Session(holder) as session:
        session.wait(frames.Held)
        yield session


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Session]:
    """A holder whose kernel says EIO of a terminal while bytes are behind it; up and held."""
    if shutil.which("gcc") is None:
        pytest.skip("an early EIO is compiled in: apt-get install gcc libc6-dev")
    compile_it(tmp_path / "holder", *EARLY_EIO)
    with Session(tmp_path / "holder") as session:
        session.wait(frames.Held)
        yield session
