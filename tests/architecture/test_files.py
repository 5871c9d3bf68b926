"""What may stand in a file of the project: nothing of one machine, no address of a real host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked

# Put together here, so that this file does not hold them itself.
OF_ONE_MACHINE = [
    "/".join(("", *parts)) for parts in (("work", ""), ("root", ""), ("tmp", "brief"))
]
HOME = re.compile(rb"/(home|Users)/[a-z]\w+/")
HOST = re.compile(rb"\w+://([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
DOCUMENTATION = re.compile(
    rb"(.*\.)?(example|invalid|test|localhost)|(.*\.)?example\.(com|org|net)|127\.\d+\.\d+\.\d+"
    rb"|192\.0\.2\.\d+"
    rb"|json-schema\.org|www\.w3\.org"  # in names of formats, never asked
)

FILES = [path for path in tracked() if path.suffix not in {".png", ".svg"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_names_no_place_of_one_machine_and_no_real_host(path: Path) -> None:
    data = path.read_bytes()
    assert [place for place in OF_ONE_MACHINE if place.encode() in data] == []
    assert HOME.findall(data) == []
    assert [host for host in HOST.findall(data) if not DOCUMENTATION.fullmatch(host)] == []
