"""`lab accept` and `lab schema`, over runs that are made up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.artifacts.patience import Patient
from lab.cli.main import main
from lab.cli.parts import Connection, Outcome, RunOptions, View
from lab.errors import ExitStatus
from lab.loader import load
from lab.model import Scenario
from lab.result import CaseEnded
from lab.verdict import Verdict
from tests.corpus.observed import wrote
from tests.unit.cli_fakes import FakeParts
from tests.unit.test_artifacts import BLOCK, HEAD, SERVICES, result


@dataclass
class WritingParts(FakeParts):
    """Clients write `written`; scenarios are read for good."""

    written: bytes = b"hallo\nfrom 2001:db8::1\n"
    verdict: Verdict | None = None
    meanwhile: tuple[Path, str] | None = None
    ran: list[Scenario] = field(default_factory=list)

    def load(
        self, path: Path, root: Path, use: Mapping[str, str], *, accepting: bool = False
    ) -> tuple[Scenario, ...]:
        return load(path, SERVICES, use, accepting=accepting)

    def run(
        self, cases: Sequence[Scenario], connection: Connection, options: RunOptions, view: View
    ) -> Outcome:
        self.ran += cases
        found = [result(case, {"client": wrote(self.written)}) for case in cases]
        if self.verdict is not None:
            found = [replace(each, verdict=self.verdict, reason="engine gone") for each in found]
        for each in found:
            view(CaseEnded(each.case, each))
        if self.meanwhile is not None:
            self.meanwhile[0].write_text(self.meanwhile[1])
        return Outcome(tuple(found), self.interrupted)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario in a project the test stands in, outside CI."""
    for folder in ("services", "scenarios"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "scenarios" / "x.yaml"
    path.write_text(HEAD + BLOCK)
    return path


def test_what_failed_is_rewritten_and_shown(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "x"], WritingParts()) == ExitStatus.PASSED
    assert file.read_text() == HEAD + BLOCK.replace("hello", "hallo")
    out, err = capfd.readouterr()
    assert "-      hello\n+      hallo" in out
    assert "1 file written" in out
    assert "FAIL  x" in err


def test_a_dry_run_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "x", "--dry-run"], WritingParts()) == ExitStatus.PASSED
    assert file.read_text() == HEAD + BLOCK
    assert "1 file would be written" in capsys.readouterr().out


def test_a_golden_file_is_made(file: Path) -> None:
    file.write_text(HEAD + "  client: {stdout: {file: golden/x.txt}}\n")
    assert main(["accept", "x"], WritingParts()) == ExitStatus.PASSED
    assert (file.parent / "golden" / "x.txt").read_text() == "hallo\nfrom ${server.ip}\n"


def test_it_is_refused_in_ci(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    parts = WritingParts()
    assert main(["accept", "x"], parts) == ExitStatus.BAD_INPUT
    assert not parts.ran
    assert "in CI" in capsys.readouterr().err


def test_an_error_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "x"], WritingParts(verdict=Verdict.ERROR)) == ExitStatus.ERROR
    assert file.read_text() == HEAD + BLOCK
    assert "not accepted: x: ERROR: engine gone" in capsys.readouterr().out


def test_an_interrupted_run_accepts_nothing(file: Path) -> None:
    assert main(["accept", "x"], WritingParts(interrupted=True)) == ExitStatus.INTERRUPTED
    assert file.read_text() == HEAD + BLOCK


def test_a_file_changed_meanwhile_is_left_alone(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = WritingParts(meanwhile=(file, "edited"))
    assert main(["accept", "x"], parts) == ExitStatus.BAD_INPUT
    assert file.read_text() == "edited"
    assert "was changed while" in capsys.readouterr().err


def test_nothing_to_accept_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = WritingParts(written=b"hello\nfrom 2001:db8::1\n")
    assert main(["accept", "x"], parts) == ExitStatus.PASSED
    assert "nothing to accept: all that is expected was seen" in capsys.readouterr().out


def test_all_cases_of_a_file_run_and_none_is_cut_short(file: Path) -> None:
    file.write_text("matrix: {word: [a, b]}\n" + HEAD + BLOCK.replace("hello", "${word}"))
    parts = WritingParts()
    assert main(["accept", "x[word=a]"], parts) == ExitStatus.PASSED
    assert file.read_text().endswith(BLOCK.replace("hello", "hallo"))
    assert [case.name for case in parts.ran] == ["x[word=a]", "x[word=b]"]
    expectations = [each.expectation for case in parts.ran for each in case.expectations]
    assert all(isinstance(each, Patient) for each in expectations if each.kind != "exit")


def test_the_schema_is_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"], FakeParts()) == ExitStatus.PASSED
    assert json.loads(capsys.readouterr().out) == {"type": "object"}
