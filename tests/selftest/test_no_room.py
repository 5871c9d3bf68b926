"""A disk that is full, folders that cannot be written: no verdict changes, and it is told once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from tests.selftest.process import ROOT, LabProcess

MOUNTS = os.getuid() == 0 and shutil.which("unshare") is not None
pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not MOUNTS, reason="only root may mount the disks of this test"),
]

# Mounts a disk where $1 says, seen by nobody else, and becomes the rest of its command line.
ON_A_DISK = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o "$0" none "$1"; shift; exec "$@"')
FULL, READ_ONLY = "size=4k", "ro"  # a page is less than one record
CASES = ("udp-ipv6-only", "udp-nobody-listens")


@pytest.mark.parametrize(
    ("disk", "why"),
    [(FULL, "No space left on device"), (READ_ONLY, "Read-only file system")],
    ids=["full", "read-only"],
)
@pytest.mark.parametrize("place", ["runs", ".lab"])
def test_where_nothing_can_be_written(
    engine: DockerEngine, tmp_path: Path, place: str, disk: str, why: str
) -> None:
    """`.lab`: not the history of cases either, which is only a hint and not missed."""
    for name in ("scenarios", "services"):
        (tmp_path / name).symlink_to(ROOT / name)
    where = tmp_path / place
    where.mkdir()
    told = {"LAB_RUNS": str(where)} if place == "runs" else {}
    before = (*ON_A_DISK, disk, str(where))
    with LabProcess(
        "run", *CASES, "--engine", engine.url, before=before, folder=tmp_path, **told
    ) as lab:
        ended = lab.end()
        assert (lab.left(engine), lab.processes()) == ((), [])
    assert (ended.status, ended.out.count("PASS")) == (ExitStatus.PASSED, 2), ended
    assert ended.err.count("trouble: the run is not recorded") == 1
    assert ended.err.count(why) == 1
    assert "Traceback" not in ended.err


def test_a_report_that_finds_no_room(engine: DockerEngine) -> None:
    words = ["--report", "junit=/dev/full", "--engine", engine.url]
    with LabProcess("run", CASES[0], *words) as lab:
        ended = lab.end()
    assert (ended.status, ended.out.count("PASS")) == (ExitStatus.PASSED, 1), ended
    assert ended.err.count("No space left on device") == 1
    assert "Traceback" not in ended.err
