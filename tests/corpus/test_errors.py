"""Wrong scenario files, and what their writer is told."""

from pathlib import Path

import pytest
import yaml

from lab.catalog import Catalog
from lab.loader import load
from lab.source import InvalidScenario
from lab.source import reader as yaml_reader
from tests.corpus.golden import check

FOLDER = Path(__file__).parent / "errors"
FILES = sorted(FOLDER.glob("*.yaml"))


def diagnose(file: Path) -> InvalidScenario:
    with pytest.raises(InvalidScenario) as caught:
        load(Path(file.name), Catalog(FOLDER / "services"))
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_diagnostics_are_the_golden_ones(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    check(file.with_suffix(".txt"), diagnose(file).what + "\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_diagnostic_says_where_what_and_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    for diagnostic in diagnose(file).diagnostics:
        assert diagnostic.what
        assert diagnostic.help
        assert len(diagnostic.what) < 160
        assert diagnostic.what[-1] not in ".:"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_python_parser_finds_the_same_places(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    in_c = [diagnostic.span for diagnostic in diagnose(file).diagnostics]
    monkeypatch.setattr(yaml_reader, "_LOADER", yaml.BaseLoader)
    in_python = [diagnostic.span for diagnostic in diagnose(file).diagnostics]
    if file.stem == "yaml-bad-escape":  # libyaml points at the backslash, Python behind it
        in_python = in_c if in_python[0].column == in_c[0].column + 1 else in_python
    assert in_python == in_c


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {file.stem for file in FILES}
