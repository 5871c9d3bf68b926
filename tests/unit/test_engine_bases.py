"""The base that one engine made, on another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from lab.engine import bases, open_engine
from lab.errors import EngineError
from lab.image.bootstrap import REFERENCE
from tests.fakes.daemon import VERSION, Answer, Answers, FakeDaemon, refusal

HERE = Answer(body={"Id": "sha256:1", "Architecture": "amd64"})
INSPECT, GET, LOAD = (
    f"GET /images/{REFERENCE}/json",
    f"GET /images/{REFERENCE}/get",
    "POST /images/load",
)
PACKED = {GET: [Answer(body="a tar file")], INSPECT: [HERE]}
TAKES = {
    "GET /version": [Answer(body={**VERSION, "Arch": "amd64"})],
    INSPECT: [refusal(404, "no such image")],
    LOAD: [Answer(body={"stream": f"Loaded image: {REFERENCE}"})],
}


def asked(folder: Path, source: Answers, sink: Answers) -> list[str]:
    """What the second engine is asked for, but for what it is."""
    with (
        closing(FakeDaemon(source, path=folder / "source.sock")) as one,
        closing(FakeDaemon(sink, path=folder / "sink.sock")) as other,
        closing(open_engine(one.url)) as have,
        closing(open_engine(other.url)) as lack,
    ):
        bases.pass_on(have.clients.mine(), lack.clients.mine())
        return [what for what in other.asked if what != "GET /version"]


def test_a_base_that_one_engine_has_is_passed_on(tmp_path: Path) -> None:
    assert asked(tmp_path, PACKED, TAKES) == [INSPECT, LOAD]


@pytest.mark.parametrize(
    ("source", "sink"),
    [
        ({INSPECT: [refusal(404, "no such image")]}, TAKES),
        ({INSPECT: [Answer(body={"Id": "sha256:1", "Architecture": "arm64"})]}, TAKES),
        (PACKED, {**TAKES, INSPECT: [HERE]}),
    ],
    ids=["none", "of another kind", "there"],
)
def test_nothing_is_passed_on_that_is_of_no_use(
    tmp_path: Path, source: Answers, sink: Answers
) -> None:
    assert LOAD not in asked(tmp_path, source, sink)


def test_an_engine_that_takes_no_image_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot pass the base image on: no space left"):
        asked(tmp_path, PACKED, {**TAKES, LOAD: [refusal(500, "no space left on device")]})
